using KubeLite.ApiMachinery.Documents;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Peers;

/// <summary>The addresses of the API servers that live, each under a key that expires unless its server renews it: Kubernetes' own
/// keys and form (v1.36, <c>controlplane/reconcilers/lease.go</c>), so both kinds of server see each other. Safe for concurrent
/// use.</summary>
public sealed class MasterLeases(IKeyValueStore store)
{
    /// <summary>How long a server counts as alive after its last renewal: 15 s, as in Kubernetes.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(15);

    private const string Prefix = "/registry/masterleases/";

    /// <summary>The addresses of all servers that live, in order of text.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        RangeResult found = await store.RangeAsync(RangeQuery.ForPrefix(Prefix), cancellationToken);
        return [.. found.Items.Select(pair => pair.Key[Prefix.Length..])];
    }

    /// <summary>Says that a server lives.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task RenewAsync(string address, CancellationToken cancellationToken)
    {
        byte[] value = JsonWriting.ToBytes(new JsonMap
        {
            { "kind", "Endpoints" },
            { "apiVersion", "v1" },
            { "metadata", new JsonMap() },
            { "subsets", new JsonList { new JsonMap { { "addresses", new JsonList { new JsonMap { { "ip", address } } } } } } },
        });
        await store.PutAsync(Prefix + address, value, null, TimeToLive, cancellationToken);
    }

    /// <summary>Says that a server stops.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task RemoveAsync(string address, CancellationToken cancellationToken) =>
        await store.DeleteAsync(Prefix + address, null, cancellationToken);
}
