using System.Diagnostics;

namespace KubeLite.Benchmarks.Targets;

/// <summary>An etcd of one member on a new folder.</summary>
public static class EtcdServer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>Starts it and waits until it is healthy.</summary>
    /// <param name="folder">Of its data.</param>
    /// <returns>The process and its client URL.</returns>
    public static async Task<(ChildServer Process, string Url)> StartAsync(string folder)
    {
        string url = $"http://127.0.0.1:{ChildServer.FreePort()}", peer = $"http://127.0.0.1:{ChildServer.FreePort()}";
        ChildServer etcd = ChildServer.Start(
            "etcd", "--data-dir", folder, "--listen-client-urls", url, "--advertise-client-urls", url, "--quota-backend-bytes",
            $"{8L << 30}",
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}");
        using var http = new HttpClient();
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            etcd.ThrowIfEnded();
            try
            {
                if ((await http.GetAsync(url + "/health")).IsSuccessStatusCode)
                {
                    return (etcd, url);
                }
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                // Not listening yet.
            }

            await Task.Delay(10);
        }
    }
}
