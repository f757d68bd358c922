using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Peers;

/// <summary>
/// The Lease in kube-system by which an API server says who it is, and the collection of those that others left behind
/// (KEP-1965; Kubernetes v1.36, <c>controlplane/apiserver/server.go</c> and <c>controller/apiserverleasegc</c>). For one
/// thread at a time.
/// </summary>
public sealed class IdentityLease
{
    /// <summary>How long a Lease lasts without renewal: an hour.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromHours(1);

    private const string Group = "coordination.k8s.io", Resource = "leases", Namespace = "kube-system";
    private const string Label = "apiserver.kubernetes.io/identity", Component = "kube-apiserver";
    private const int DefaultPort = 6443;

    private readonly SystemWriter _writer;
    private readonly ResourceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly string _holder;
    private readonly string _host;

    /// <summary>Makes the Lease's keeper.</summary>
    public IdentityLease(SystemWriter writer, ResourceRegistry registry, TimeProvider time, string host, int port)
    {
        _writer = writer;
        _registry = registry;
        _time = time;
        _host = host;
        Name = NameOf(host, port);
        _holder = $"{Name}_{Guid.NewGuid()}";
    }

    /// <summary>The Lease's name, the same after a restart.</summary>
    public string Name { get; }

    /// <summary>
    /// <c>apiserver-</c> and a hash of the host's name, as in Kubernetes; of host and port where the port is another than 6443, so
    /// that several servers of one machine are told apart.
    /// </summary>
    public static string NameOf(string host, int port)
    {
        string text = port == DefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        return "apiserver-" + Base32(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    /// <summary>Renews the Lease; makes it where it is missing.</summary>
    /// <exception cref="ApiMachinery.Errors.ApiException">The store fails.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var lease = new JsonMap { { "metadata", new JsonMap { { "name", Name }, { "namespace", Namespace } } } };
        Set(lease);
        if (!await _writer.EnsureAsync(Group, Resource, lease, cancellationToken))
        {
            await _writer.UpdateAsync(Group, Resource, Namespace, Name, "", Set, cancellationToken);
        }
    }

    /// <summary>Deletes the Leases of API servers that were not renewed in time.</summary>
    /// <exception cref="ApiMachinery.Errors.ApiException">The store fails.</exception>
    /// <exception cref="Storage.StoreException">The store fails.</exception>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        CacheSnapshot leases = await _registry.Cache(Group, Resource).ReadConsistentAsync(cancellationToken);
        var expired = new List<string>();
        foreach (CacheEntry entry in leases.Range(Namespace, null))
        {
            if (ResourceRegistry.Parsed(entry) is var lease && lease.Map("metadata")?.Map("labels")?.String(Label) == Component
                && IsExpired(lease))
            {
                expired.Add(entry.Name);
            }
        }

        foreach (string name in expired)
        {
            await _writer.DeleteAsync(Group, Resource, Namespace, name, cancellationToken);
        }
    }

    private void Set(JsonMap lease)
    {
        JsonMap labels = lease.MapAt("metadata").MapAt("labels");
        labels[Label] = Component;
        labels["kubernetes.io/hostname"] = _host;
        JsonMap spec = lease.MapAt("spec");
        spec["holderIdentity"] = _holder;
        spec["leaseDurationSeconds"] = (long)Duration.TotalSeconds;
        spec["renewTime"] = ApiTime.FormatMicro(_time.GetUtcNow());
    }

    private bool IsExpired(JsonMap lease)
    {
        JsonMap? spec = lease.Map("spec");
        return !ApiTime.TryParse(spec?.String("renewTime"), out DateTimeOffset renewed)
            || spec?.Integer("leaseDurationSeconds") is not { } seconds
            || renewed.AddSeconds(seconds) < _time.GetUtcNow();
    }

    /// <summary>RFC 4648 in lower case, without padding.</summary>
    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        var text = new StringBuilder();
        int bits = 0, held = 0;
        foreach (byte b in bytes)
        {
            bits = (bits << 8) | b;
            for (held += 8; held >= 5; held -= 5)
            {
                text.Append(Alphabet[(bits >> (held - 5)) & 31]);
            }

            bits &= 0xff;
        }

        return held > 0 ? text.Append(Alphabet[(bits << (5 - held)) & 31]).ToString() : text.ToString();
    }
}
