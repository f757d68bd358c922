using System.Net;
using KubeLite.ApiServer;
using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.ControllerManager;
using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting;
using KubeLite.Hosting.Certificates;
using KubeLite.Hosting.Diagnostics;
using KubeLite.Kubelet;
using KubeLite.Scheduler;
using Microsoft.Extensions.Logging;

namespace KubeLite.Cli.Up;

/// <summary>Every server in this process. They meet at the API server all the same, over HTTPS.</summary>
internal sealed class InProcessCluster(UpOptions options, ClusterCredentials credentials, ILoggerFactory loggers, TimeProvider time)
    : ICluster
{
    private IServerProcess? _controllerManager;
    private IServerProcess? _scheduler;

    /// <inheritdoc/>
    public IServerProcess ApiServer() => new ApiServerProcess(
        new ApiServerOptions
        {
            BindAddress = options.BindAddress,
            SecurePort = options.Port,
            TlsCertificateFile = credentials.ServerFile,
            TlsPrivateKeyFile = credentials.ServerKeyFile,
            ClientCaFile = credentials.AuthorityFile,
            ServiceAccountKeyFiles = [credentials.AccountPublicKeyFile],
            ServiceAccountSigningKeyFile = credentials.AccountKeyFile,
            Datastore = options.Datastore,
            SqliteFile = credentials.Folder.StoreFile,
            EtcdServers = options.EtcdServers,
            EtcdCaFile = options.EtcdCaFile,
            EtcdCertificateFile = options.EtcdCertificateFile,
            EtcdKeyFile = options.EtcdKeyFile,
            KubeletClientCertificateFile = credentials.KubeletClientFile,
            KubeletClientKeyFile = credentials.KubeletClientKeyFile,
            KubeletCertificateAuthorityFile = credentials.AuthorityFile,
            Components =
            [
                new("controller-manager", _ => Task.FromResult(HealthOf(_controllerManager))),
                new("scheduler", _ => Task.FromResult(HealthOf(_scheduler))),
            ],
        },
        loggers, time);

    /// <inheritdoc/>
    public IReadOnlyList<IServerProcess> Others(Task serving)
    {
        _scheduler = Scheduler(serving);
        _controllerManager = ControllerManager(serving);
        var servers = new List<IServerProcess> { _scheduler, _controllerManager };
        if (options.Nodes > 0)
        {
            servers.Add(Kubelet(serving));
        }

        return servers;
    }

    /// <summary>They serve no port here that could be asked.</summary>
    private static ComponentHealth HealthOf(IServerProcess? server) =>
        server is { Completion.IsCompleted: false } ? new(true, "ok") : new(false, "it doesn't run");

    private ApiClientOptions Client(ClusterIdentity identity, string userAgent, Task serving) =>
        identity.Client(options.Server, credentials.Authorities, userAgent) with { Serving = serving };

    private SchedulerProcess Scheduler(Task serving) => new(
        new SchedulerOptions
        {
            Client = Client(credentials.Scheduler, "kube-scheduler", serving),
        },
        loggers, time);

    private ControllerManagerServer ControllerManager(Task serving) => new(new ControllerManagerOptions
    {
        Connection = Client(credentials.ControllerManager, "kube-controller-manager", serving),
        Loggers = loggers,
        Time = time,
        LeaderElect = false,
        RootCaFile = credentials.AuthorityFile,
        ServiceAccountPrivateKeyFile = credentials.AccountKeyFile,
        ClusterSigningCertFile = credentials.AuthorityFile,
        ClusterSigningKeyFile = credentials.AuthorityKeyFile,
        Diagnostics = new DiagnosticsOptions(),
    });

    private KubeletProcess Kubelet(Task serving) => new(
        new KubeletOptions
        {
            Client = Client(credentials.Nodes, "kubelet", serving),
            Nodes = options.Nodes,
            Server = new DiagnosticsOptions
            {
                // Any free port: nodes tell theirs to the API server.
                Port = -1,
                BindAddress = IPAddress.Loopback,
                Certificate = PemFiles.LoadPair(credentials.KubeletFile, credentials.KubeletKeyFile),
                ClientAuthorities = credentials.Authorities,
            },
        },
        loggers, time);
}
