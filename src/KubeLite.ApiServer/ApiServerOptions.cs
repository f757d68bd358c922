using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.ApiServer;

/// <summary>What the API server is told at its start; the flags of <c>kubelite-apiserver</c> set it.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The address to listen on; default 0.0.0.0.</summary>
    public string BindAddress { get; init; } = "0.0.0.0";

    /// <summary>The address at which members of the cluster reach this server, shown in the endpoints of the kubernetes Service; empty:
    /// the bind address, or where that is 0.0.0.0 the address of the way out. Of several servers each needs one of its own.</summary>
    public string AdvertiseAddress { get; init; } = "";

    /// <summary>The HTTPS port; default 6443. 0 takes a free one.</summary>
    public int SecurePort { get; init; } = 6443;

    /// <summary>The serving certificate in PEM; empty: one is made in memory.</summary>
    public string TlsCertificateFile { get; init; } = "";

    /// <summary>The key of the serving certificate in PEM.</summary>
    public string TlsPrivateKeyFile { get; init; } = "";

    /// <summary>The authorities of client certificates in PEM; empty: none are taken.</summary>
    public string ClientCaFile { get; init; } = "";

    /// <summary>A CSV file of static tokens: token,user,uid,"group,group"; empty: none.</summary>
    public string TokenAuthFile { get; init; } = "";

    /// <summary>The keys that service account tokens are checked with, in PEM.</summary>
    public IReadOnlyList<string> ServiceAccountKeyFiles { get; init; } = [];

    /// <summary>The key that service account tokens are signed with, in PEM; empty: one is made in memory.</summary>
    public string ServiceAccountSigningKeyFile { get; init; } = "";

    /// <summary>The issuer of service account tokens.</summary>
    public string ServiceAccountIssuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>The audiences of service account tokens; empty: the issuer.</summary>
    public IReadOnlyList<string> ApiAudiences { get; init; } = [];

    /// <summary>
    /// True where a Pod's own token (of 3607 s, for this server alone) is good for a year, as clients that never read their
    /// token again need it. Default: true.
    /// </summary>
    public bool ExtendTokenExpiration { get; init; } = true;

    /// <summary>The components that ComponentStatuses tell of besides the store. Default: controller manager and scheduler at their
    /// default ports of this host, as Kubernetes takes them to be.</summary>
    public IReadOnlyList<ComponentCheck> Components { get; init; } =
    [
        ComponentCheck.AtPort("controller-manager", DiagnosticsOptions.ControllerManagerPort),
        ComponentCheck.AtPort("scheduler", DiagnosticsOptions.SchedulerPort),
    ];

    /// <summary>memory, sqlite or etcd; default sqlite.</summary>
    public string Datastore { get; init; } = "sqlite";

    /// <summary>The file of the SQLite store.</summary>
    public string SqliteFile { get; init; } = "kubelite.db";

    /// <summary>The etcd endpoints.</summary>
    public IReadOnlyList<string> EtcdServers { get; init; } = [];

    /// <summary>The authority of etcd's certificates in PEM; empty for plain HTTP.</summary>
    public string EtcdCaFile { get; init; } = "";

    /// <summary>The client certificate for etcd in PEM.</summary>
    public string EtcdCertificateFile { get; init; } = "";

    /// <summary>The key of the client certificate for etcd in PEM.</summary>
    public string EtcdKeyFile { get; init; } = "";

    /// <summary>What all keys in etcd begin with; default /registry.</summary>
    public string EtcdPrefix { get; init; } = "/registry";

    /// <summary>
    /// How often history in etcd is compacted, up to what it was one interval before; default 5 min. 0: never by this server.
    /// </summary>
    public TimeSpan EtcdCompactionInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The addresses of services; default 10.96.0.0/12.</summary>
    public string ServiceClusterIpRange { get; init; } = "10.96.0.0/12";

    /// <summary>The ports of NodePort services; default 30000-32767.</summary>
    public string ServiceNodePortRange { get; init; } = "30000-32767";

    /// <summary>Node, RBAC and AlwaysAllow in the order in which they are asked; default Node and RBAC.</summary>
    public IReadOnlyList<string> AuthorizationModes { get; init; } = ["Node", "RBAC"];

    /// <summary>False where privileged containers are refused.</summary>
    public bool AllowPrivileged { get; init; } = true;

    /// <summary>
    /// True where requests without credentials are let through as system:anonymous to be authorized; by default only health and
    /// version are.
    /// </summary>
    public bool AnonymousAuth { get; init; }

    /// <summary>The client certificate for kubelets in PEM.</summary>
    public string KubeletClientCertificateFile { get; init; } = "";

    /// <summary>The key of the client certificate for kubelets in PEM.</summary>
    public string KubeletClientKeyFile { get; init; } = "";

    /// <summary>The authority of kubelets' certificates in PEM.</summary>
    public string KubeletCertificateAuthorityFile { get; init; } = "";

    /// <summary>Which of a node's addresses its kubelet is reached by, best first.</summary>
    public IReadOnlyList<string> KubeletPreferredAddressTypes { get; init; } =
        ["InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS"];

    /// <summary>
    /// False answers streaming lists as Kubernetes does over an etcd that reports no progress (older than 3.4.25). Default true.
    /// </summary>
    public bool StreamingLists { get; init; } = true;

    /// <summary>How long events are kept; default an hour.</summary>
    public TimeSpan EventTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most time that a request may take, watches and streams apart; default a minute.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the server may take to fill its caches of what the store holds before it is ready without them; default a minute,
    /// 0 to wait for none.
    /// </summary>
    public TimeSpan StorageInitializationTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For how many seconds a watch runs at least whose client names no time; it ends before twice that. Default 1800.</summary>
    public int MinRequestTimeout { get; init; } = 1800;

    /// <summary>
    /// True (the default) where the two limits of requests together are seats that FlowSchemas and PriorityLevelConfigurations
    /// share out; false where each is a limit of its own and what is beyond it is turned away.
    /// </summary>
    public bool PriorityAndFairness { get; init; } = true;

    /// <summary>The most requests at once that read, watches and streams apart; default 400, 0 for no limit.</summary>
    public int MaxRequestsInFlight { get; init; } = 400;

    /// <summary>The most requests at once that change something; default 200, 0 for no limit.</summary>
    public int MaxMutatingRequestsInFlight { get; init; } = 200;

    /// <summary>
    /// How long a server that is told to stop goes on serving, not ready any more, so that nobody is sent to it when it stops; default 0.
    /// </summary>
    public TimeSpan ShutdownDelay { get; init; }
}
