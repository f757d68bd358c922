using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KubeLite.Storage.Snapshots;

/// <summary>Number and SHA-256 of keys and values in order: two stores with the same digest hold the same. For one thread.</summary>
public sealed class ContentDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many pairs were added.</summary>
    public long Count { get; private set; }

    /// <summary>The digest of all that some contents hold.</summary>
    /// <exception cref="StoreException">They can't be read.</exception>
    public static async Task<(long Count, string Sha256)> OfAsync(IStoreContents contents, CancellationToken cancellationToken)
    {
        using var digest = new ContentDigest();
        await foreach (KeyValue pair in contents.ReadAsync(cancellationToken))
        {
            digest.Add(pair);
        }

        return (digest.Count, digest.ToText());
    }

    /// <summary>Adds a pair.</summary>
    public void Add(in KeyValue pair)
    {
        Count++;
        Span<byte> lengths = stackalloc byte[2 * sizeof(int)];
        byte[] key = Encoding.UTF8.GetBytes(pair.Key);
        BinaryPrimitives.WriteInt32LittleEndian(lengths, key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[sizeof(int)..], pair.Value.Length);
        _hash.AppendData(lengths);
        _hash.AppendData(key);
        _hash.AppendData(pair.Value.Span);
    }

    /// <summary>The SHA-256 of what was added so far, in hex.</summary>
    public string ToText() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();
}
