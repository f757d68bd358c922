using System.Globalization;
using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary>Every server as a child process of this one, each with its kubeconfig and its log file.</summary>
internal sealed class ChildProcessCluster(UpOptions options, ClusterCredentials credentials, ApiClient admin, TimeProvider time) : ICluster
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public IServerProcess ApiServer()
    {
        var arguments = new List<string>
        {
            "--bind-address=" + options.BindAddress,
            "--secure-port=" + Text(options.Port),
            "--tls-cert-file=" + credentials.ServerFile,
            "--tls-private-key-file=" + credentials.ServerKeyFile,
            "--client-ca-file=" + credentials.AuthorityFile,
            "--service-account-key-file=" + credentials.AccountPublicKeyFile,
            "--service-account-signing-key-file=" + credentials.AccountKeyFile,
            "--kubelet-client-certificate=" + credentials.KubeletClientFile,
            "--kubelet-client-key=" + credentials.KubeletClientKeyFile,
            "--kubelet-certificate-authority=" + credentials.AuthorityFile,
        };
        if (options.Datastore == "etcd")
        {
            arguments.Add("--etcd-servers=" + string.Join(',', options.EtcdServers));
            Add("--etcd-cafile", options.EtcdCaFile);
            Add("--etcd-certfile", options.EtcdCertificateFile);
            Add("--etcd-keyfile", options.EtcdKeyFile);
        }
        else
        {
            arguments.Add("--datastore=" + options.Datastore);
            arguments.Add("--sqlite-file=" + credentials.Folder.StoreFile);
        }

        return Child("kubelite-apiserver", arguments, Task.CompletedTask, WaitForApiServerAsync);

        void Add(string flag, string value)
        {
            if (value.Length > 0)
            {
                arguments.Add(flag + "=" + value);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<IServerProcess> Others(Task serving)
    {
        var servers = new List<IServerProcess>
        {
            Child("kubelite-scheduler",
                ["--kubeconfig=" + credentials.Scheduler.Kubeconfig, "--leader-elect=false", "--secure-port=0"], serving),
            Child("kubelite-controller-manager",
                [
                    "--kubeconfig=" + credentials.ControllerManager.Kubeconfig, "--leader-elect=false", "--secure-port=0",
                    "--root-ca-file=" + credentials.AuthorityFile,
                    "--service-account-private-key-file=" + credentials.AccountKeyFile,
                    "--cluster-signing-cert-file=" + credentials.AuthorityFile,
                    "--cluster-signing-key-file=" + credentials.AuthorityKeyFile,
                ], serving),
        };
        if (options.Nodes > 0)
        {
            servers.Add(Child("kubelite-kubelet",
                [
                    "--kubeconfig=" + credentials.Nodes.Kubeconfig, "--driver=simulated", "--nodes=" + Text(options.Nodes),
                    "--address=127.0.0.1", "--port=-1",
                    "--tls-cert-file=" + credentials.KubeletFile, "--tls-private-key-file=" + credentials.KubeletKeyFile,
                    "--client-ca-file=" + credentials.AuthorityFile,
                ], serving));
        }

        return servers;
    }

    private ChildProcess Child(
        string name, IReadOnlyList<string> arguments, Task before, Func<CancellationToken, Task>? ready = null) =>
        new(name, [.. arguments, "--v=" + Text(options.Verbosity)], credentials.Folder.File("logs", name + ".log"), before, ready);

    private async Task WaitForApiServerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await admin.GetRawAsync<System.Text.Json.JsonElement>("/version", cancellationToken);
                await admin.FindAsync<k8s.Models.V1Namespace>(null, "kube-system", cancellationToken);
                return;
            }
            catch (Exception e) when (e is HttpRequestException or ApiStatusException or TimeoutException)
            {
                await Task.Delay(s_between, time, cancellationToken);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
