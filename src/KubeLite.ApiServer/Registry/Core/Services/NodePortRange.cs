using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// The node ports that are taken: one bitmap under the key and in the form that Kubernetes v1.36 uses
/// (<c>RangeAllocation</c>, registry/core/service/portallocator), changed by conditional writes, so that any number of API
/// servers, Kubernetes' own among them, take ports at once and never the same. Safe for use from many threads.
/// </summary>
public sealed class NodePortRange(IKeyValueStore store, ServiceNetwork network)
{
    private const string Key = "/registry/ranges/servicenodeports";
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Takes a port that is free; null where none is.</summary>
    /// <exception cref="StoreException">The store fails; the port may be taken all the same.</exception>
    public Task<int?> TakeAnyAsync(CancellationToken cancellationToken) => ChangeAsync(
        taken =>
        {
            // The lower band is left to ports that users name, while there are others (KEP-3668).
            int? place = FreeIn(taken, StaticBand(taken.Length), taken.Length) ?? FreeIn(taken, 0, StaticBand(taken.Length));
            if (place is { } free)
            {
                taken[free] = true;
            }

            return place + network.FirstPort;
        },
        cancellationToken);

    /// <summary>Takes a certain port of the range; false where it is taken.</summary>
    /// <exception cref="StoreException">The store fails; the port may be taken all the same.</exception>
    public Task<bool> TakeAsync(int port, CancellationToken cancellationToken) => ChangeAsync(
        taken =>
        {
            bool free = !taken[port - network.FirstPort];
            taken[port - network.FirstPort] = true;
            return free;
        },
        cancellationToken);

    /// <summary>Gives ports back; those out of the range are passed over.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public Task ReleaseAsync(IReadOnlyCollection<int> ports, CancellationToken cancellationToken) =>
        SetAsync(ports, false, cancellationToken);

    /// <summary>Notes ports as taken, whether they were or not.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public Task MarkAsync(IReadOnlyCollection<int> ports, CancellationToken cancellationToken) => SetAsync(ports, true, cancellationToken);

    /// <summary>The ports that are taken.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task<IReadOnlySet<int>> ReadAsync(CancellationToken cancellationToken)
    {
        bool[] taken = Decode(await store.GetAsync(Key, cancellationToken));
        return taken.Index().Where(t => t.Item).Select(t => t.Index + network.FirstPort).ToHashSet();
    }

    private Task<bool> SetAsync(IReadOnlyCollection<int> ports, bool value, CancellationToken cancellationToken) => ChangeAsync(
        taken =>
        {
            foreach (int port in ports.Where(p => p >= network.FirstPort && p <= network.LastPort))
            {
                taken[port - network.FirstPort] = value;
            }

            return true;
        },
        cancellationToken);

    private async Task<T> ChangeAsync<T>(Func<bool[], T> change, CancellationToken cancellationToken)
    {
        // One at a time here: only other servers are left to lose a race against.
        await _gate.WaitAsync(cancellationToken);
        try
        {
            KeyValue? stored = await store.GetAsync(Key, cancellationToken);
            while (true)
            {
                bool[] taken = Decode(stored);
                bool[] before = [.. taken];
                T result = change(taken);
                if (taken.AsSpan().SequenceEqual(before))
                {
                    return result;
                }

                WriteResult written = await store.PutAsync(Key, Encode(taken), stored?.ModRevision ?? 0, null, cancellationToken);
                if (written.Succeeded)
                {
                    return result;
                }

                stored = written.Current;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private static int? FreeIn(bool[] taken, int from, int to)
    {
        int start = to > from ? Random.Shared.Next(to - from) : 0;
        for (int i = 0; i < to - from; i++)
        {
            int place = from + ((start + i) % (to - from));
            if (!taken[place])
            {
                return place;
            }
        }

        return null;
    }

    private static int StaticBand(int size) => size <= 16 ? 0 : Math.Clamp(size / 32, 16, 128);

    /// <summary>Bit n of the number, written with its highest byte first, is the n-th port of the range it was stored for.</summary>
    private bool[] Decode(KeyValue? stored)
    {
        bool[] taken = new bool[network.LastPort - network.FirstPort + 1];
        if (stored is not { } pair)
        {
            return taken;
        }

        (string range, byte[] bits) = Parse(pair.Value.Span);
        int first = int.TryParse(range.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int from)
            ? from
            : network.FirstPort;
        for (int i = 0; i < bits.Length * 8; i++)
        {
            int place = first + i - network.FirstPort;
            if ((bits[bits.Length - 1 - (i / 8)] >> (i % 8) & 1) == 1 && place >= 0 && place < taken.Length)
            {
                taken[place] = true;
            }
        }

        return taken;
    }

    private static (string Range, byte[] Bits) Parse(ReadOnlySpan<byte> value)
    {
        if (!ProtobufEnvelope.Is(value))
        {
            JsonMap json = JsonReading.ReadMap(value);
            return (json.String("range") ?? "", Convert.FromBase64String(json.String("data") ?? ""));
        }

        string range = "";
        byte[] bits = [];
        var reader = new WireReader(ProtobufEnvelope.Open(value).Content);
        while (!reader.AtEnd)
        {
            (int field, int type) = reader.ReadTag();
            switch (field)
            {
                case 2 when type == 2:
                    range = System.Text.Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
                case 3 when type == 2:
                    bits = reader.ReadBytes().ToArray();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (range, bits);
    }

    private byte[] Encode(bool[] taken)
    {
        byte[] bits = new byte[(taken.Length + 7) / 8];
        for (int i = 0; i < taken.Length; i++)
        {
            bits[bits.Length - 1 - (i / 8)] |= (byte)(taken[i] ? 1 << (i % 8) : 0);
        }

        return JsonWriting.ToBytes(new JsonMap
        {
            { "kind", "RangeAllocation" },
            { "apiVersion", "v1" },
            { "metadata", new JsonMap() },
            { "range", string.Create(CultureInfo.InvariantCulture, $"{network.FirstPort}-{network.LastPort}") },
            { "data", Convert.ToBase64String(bits.AsSpan().TrimStart((byte)0)) },
        });
    }
}
