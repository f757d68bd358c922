using System.Buffers.Binary;
using System.Numerics;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>The checksum that stands beside each stored value: SQLite notices a damaged page only where its structure suffers, and a
/// value whose bytes have changed would be served as if it were right.</summary>
internal static class ValueChecksum
{
    /// <summary>CRC-32C of the revision and the value, so that a value under a wrong revision is noticed, too.</summary>
    public static long Of(long revision, ReadOnlySpan<byte> value)
    {
        uint sum = BitOperations.Crc32C(uint.MaxValue, (ulong)revision);
        while (value.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(value));
            value = value[sizeof(ulong)..];
        }

        foreach (byte b in value)
        {
            sum = BitOperations.Crc32C(sum, b);
        }

        return sum;
    }

    /// <summary>Fails where the value is not the one that was written.</summary>
    /// <exception cref="StoreException">Corrupt.</exception>
    public static void Verify(long sum, string key, long revision, ReadOnlySpan<byte> value, string path)
    {
        if (Of(revision, value) != sum)
        {
            throw new StoreException(
                StoreErrorCode.Corrupt,
                $"the data file {path} is damaged (the value of {key} at revision {revision} has a wrong checksum): restore it from a snapshot");
        }
    }
}
