using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeLite.Benchmarks.Measures;

/// <summary>
/// A client's cache of all the Pods from nothing: our informer, and as a yardstick the models of KubernetesClient, listed in the same
/// pages. The Pods are not read beyond what the cache reads by itself.
/// </summary>
internal sealed class Informers(ServerAccess access, string ns)
{
    private const int Times = 5;
    private const int PageSize = 500;

    /// <summary>Measures both, in turn.</summary>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync()
    {
        var ours = new List<Filled>();
        var theirs = new List<Filled>();
        for (int i = 0; i <= Times; i++)
        {
            Filled one = await FillAsync(InformerAsync), other = await FillAsync(ModelsAsync);
            if (i > 0)
            {
                // The first is the compiler's.
                ours.Add(one);
                theirs.Add(other);
            }
        }

        return
        [
            new Measurement(Catalog.Informer, Median(ours, f => f.Milliseconds)) { Count = Times, Yardstick = Catalog.Models },
            new Measurement(Catalog.InformerMemory, Median(ours, f => f.Kept)) { Count = Times, Yardstick = Catalog.ModelsMemory },
            new Measurement(Catalog.Models, Median(theirs, f => f.Milliseconds)) { Count = Times },
            new Measurement(Catalog.ModelsMemory, Median(theirs, f => f.Kept)) { Count = Times },
        ];
    }

    private static double Median(List<Filled> all, Func<Filled, double> value) => all.Select(value).Order().ElementAt(all.Count / 2);

    private static async Task<Filled> FillAsync(Func<Task<(object Cache, int Count, IAsyncDisposable? End)>> fill)
    {
        // Off the stack of the one before, which would keep its cache alive.
        await Task.Yield();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long begun = Stopwatch.GetTimestamp();
        (object cache, int count, IAsyncDisposable? end) = await fill();
        double milliseconds = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(cache);
        if (end is not null)
        {
            await end.DisposeAsync();
        }

        return new Filled(milliseconds, kept / 1024.0 / Math.Max(1, count));
    }

    private async Task<(object Cache, int Count, IAsyncDisposable? End)> InformerAsync()
    {
        var client = new ApiClient(
            new ApiClientOptions
            {
                Server = access.Server,
                BearerToken = access.Token.Length > 0 ? access.Token : null,
                CertificateAuthorities = access.Authorities,
                ClientCertificate = access.Certificate,
                InsecureSkipTlsVerify = access.Authorities is null,
            },
            TimeProvider.System);
        var informer = new SharedInformer<V1Pod>(
            client.Resource<V1Pod>(), new InformerSelection(ns), TimeProvider.System, NullLogger.Instance);
        informer.Start();
        await informer.WaitForSyncAsync(CancellationToken.None);
        return (informer, informer.Store.Count, new Ending(informer, client));
    }

    private async Task<(object Cache, int Count, IAsyncDisposable? End)> ModelsAsync()
    {
        using var client = new Kubernetes(new KubernetesClientConfiguration
        {
            Host = access.Server.ToString(),
            AccessToken = access.Token.Length > 0 ? access.Token : null,
            SkipTlsVerify = access.Authorities is null,
            SslCaCerts = access.Authorities,
            ClientCertificateData = access.Certificate is { } certificate ? Base64(certificate.ExportCertificatePem()) : null,
            ClientCertificateKeyData = access.Certificate?.GetECDsaPrivateKey() is { } key ? Base64(key.ExportPkcs8PrivateKeyPem()) : null,
        });
        var pods = new List<V1Pod>();
        string? next = null;
        do
        {
            V1PodList page = await client.CoreV1.ListNamespacedPodAsync(ns, limit: PageSize, continueParameter: next);
            pods.AddRange(page.Items);
            next = page.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
        return (pods, pods.Count, null);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));

    private readonly record struct Filled(double Milliseconds, double Kept);

    private sealed class Ending(SharedInformer<V1Pod> informer, ApiClient client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await informer.DisposeAsync();
            client.Dispose();
        }
    }
}
