using System.CommandLine;
using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;

namespace KubeLite.ApiServer;

/// <summary>The flags of <c>kubelite-apiserver</c>: those of kube-apiserver where they mean the same.</summary>
public sealed class ApiServerCommand
{
    private readonly List<Func<ParseResult, ApiServerOptions, ApiServerOptions>> _bind = [];

    private ApiServerCommand() =>
        Command = new ServerCommand("kubelite-apiserver", "Serves the Kubernetes v1.36 API over etcd, SQLite or memory.");

    /// <summary>The command.</summary>
    public ServerCommand Command { get; }

    /// <summary>Makes the command with all its flags.</summary>
    public static ApiServerCommand Create()
    {
        var c = new ApiServerCommand();
        ServerCommand f = c.Command;
        var d = new ApiServerOptions();
        c.Bind(f.String("bind-address", d.BindAddress, "Address to listen on."), (o, v) => o with { BindAddress = v });
        c.Bind(
            f.String(
                "advertise-address", "",
                "Address that the kubernetes Service leads to; the bind address or that of the way out where empty."),
            (o, v) => o with { AdvertiseAddress = v });
        c.Bind(f.Int("secure-port", d.SecurePort, "HTTPS port; 0 takes a free one."), (o, v) => o with { SecurePort = v });
        c.Bind(
            f.String("tls-cert-file", "", "Serving certificate (PEM); made in memory where empty."),
            (o, v) => o with { TlsCertificateFile = v });
        c.Bind(f.String("tls-private-key-file", "", "Key of the serving certificate (PEM)."), (o, v) => o with { TlsPrivateKeyFile = v });
        c.Bind(f.String("client-ca-file", "", "Authorities of client certificates (PEM)."), (o, v) => o with { ClientCaFile = v });
        c.Bind(
            f.String("token-auth-file", "", "Static tokens: lines of token,user,uid,\"group,group\"."),
            (o, v) => o with { TokenAuthFile = v });
        c.Bind(
            f.List("service-account-key-file", [], "Keys that service account tokens are checked with (PEM)."),
            (o, v) => o with { ServiceAccountKeyFiles = v });
        c.Bind(
            f.String("service-account-signing-key-file", "", "Key that service account tokens are signed with (PEM)."),
            (o, v) => o with { ServiceAccountSigningKeyFile = v });
        c.Bind(
            f.String("service-account-issuer", d.ServiceAccountIssuer, "Issuer of service account tokens."),
            (o, v) => o with { ServiceAccountIssuer = v });
        c.Bind(
            f.List("api-audiences", [], "Audiences of service account tokens; the issuer where empty."),
            (o, v) => o with { ApiAudiences = v });
        c.Bind(
            f.Bool(
                "service-account-extend-token-expiration", d.ExtendTokenExpiration,
                "Let the tokens that Pods get of their own be good for a year."),
            (o, v) => o with { ExtendTokenExpiration = v });
        c.Bind(
            f.String("datastore", "", "memory, sqlite or etcd; etcd where --etcd-servers is set, else sqlite."),
            (o, v) => v.Length > 0 ? o with { Datastore = v } : o);
        c.Bind(f.String("sqlite-file", d.SqliteFile, "File of the SQLite store."), (o, v) => o with { SqliteFile = v });
        c.Bind(f.List("etcd-servers", [], "etcd endpoints."), (o, v) => v.Count > 0 ? o with { EtcdServers = v, Datastore = "etcd" } : o);
        c.Bind(f.String("etcd-cafile", "", "Authority of etcd's certificates (PEM)."), (o, v) => o with { EtcdCaFile = v });
        c.Bind(f.String("etcd-certfile", "", "Client certificate for etcd (PEM)."), (o, v) => o with { EtcdCertificateFile = v });
        c.Bind(f.String("etcd-keyfile", "", "Key of the client certificate for etcd (PEM)."), (o, v) => o with { EtcdKeyFile = v });
        c.Bind(f.String("etcd-prefix", d.EtcdPrefix, "What all keys in etcd begin with."), (o, v) => o with { EtcdPrefix = v });
        c.Bind(
            f.Duration(
                "etcd-compaction-interval", d.EtcdCompactionInterval,
                "How often history in etcd is compacted; 0 for never by this server."),
            (o, v) => o with { EtcdCompactionInterval = v });
        c.Bind(
            f.String("service-cluster-ip-range", d.ServiceClusterIpRange, "Addresses of Services."),
            (o, v) => o with { ServiceClusterIpRange = v });
        c.Bind(
            f.String("service-node-port-range", d.ServiceNodePortRange, "Ports of NodePort Services."),
            (o, v) => o with { ServiceNodePortRange = v });
        c.Bind(
            f.List("authorization-mode", d.AuthorizationModes, "Node, RBAC, AlwaysAllow or AlwaysDeny, in the order they are asked."),
            (o, v) => o with { AuthorizationModes = v });
        c.Bind(f.Bool("allow-privileged", d.AllowPrivileged, "Take privileged containers."), (o, v) => o with { AllowPrivileged = v });
        c.Bind(
            f.Bool("anonymous-auth", d.AnonymousAuth, "Let requests without credentials through as system:anonymous, to be authorized."),
            (o, v) => o with { AnonymousAuth = v });
        c.Bind(
            f.String("kubelet-client-certificate", "", "Client certificate for kubelets (PEM)."),
            (o, v) => o with { KubeletClientCertificateFile = v });
        c.Bind(
            f.String("kubelet-client-key", "", "Key of the client certificate for kubelets (PEM)."),
            (o, v) => o with { KubeletClientKeyFile = v });
        c.Bind(
            f.String("kubelet-certificate-authority", "", "Authority of kubelets' certificates (PEM)."),
            (o, v) => o with { KubeletCertificateAuthorityFile = v });
        c.Bind(
            f.List(
                "kubelet-preferred-address-types", d.KubeletPreferredAddressTypes,
                "Types of node addresses to reach kubelets by, best first."),
            (o, v) => o with { KubeletPreferredAddressTypes = v });
        c.Bind(
            f.Bool(
                "streaming-lists", d.StreamingLists,
                "Serve watches that begin with a list (sendInitialEvents); false answers as Kubernetes over an etcd older than 3.4.25."),
            (o, v) => o with { StreamingLists = v });
        c.Bind(f.Duration("event-ttl", d.EventTtl, "How long events are kept."), (o, v) => o with { EventTtl = v });
        c.Bind(
            f.Duration("request-timeout", d.RequestTimeout, "Most time that a request may take, watches and streams apart."),
            (o, v) => o with { RequestTimeout = v });
        c.Bind(
            f.Duration(
                "storage-initialization-timeout", d.StorageInitializationTimeout,
                "Most time to fill the caches of what is stored before the server says that it is ready."),
            (o, v) => o with { StorageInitializationTimeout = v });
        c.Bind(
            f.Int("min-request-timeout", d.MinRequestTimeout, "Seconds that a watch runs at least whose client names no time."),
            (o, v) => o with { MinRequestTimeout = v });
        c.Bind(
            f.Bool(
                "enable-priority-and-fairness", d.PriorityAndFairness,
                "Share out requests by FlowSchemas and PriorityLevelConfigurations; without, the limits just turn away."),
            (o, v) => o with { PriorityAndFairness = v });
        c.Bind(
            f.Int("max-requests-inflight", d.MaxRequestsInFlight, "Most requests at once that read; 0 for no limit."),
            (o, v) => o with { MaxRequestsInFlight = v });
        c.Bind(
            f.Int(
                "max-mutating-requests-inflight", d.MaxMutatingRequestsInFlight,
                "Most requests at once that change something; 0 for no limit."),
            (o, v) => o with { MaxMutatingRequestsInFlight = v });
        c.Bind(
            f.Duration("shutdown-delay-duration", d.ShutdownDelay, "How long to go on serving, not ready any more, once told to stop."),
            (o, v) => o with { ShutdownDelay = v });
        return c;
    }

    /// <summary>Makes the server of parsed flags.</summary>
    public IServerProcess Build(ServerContext context)
    {
        var options = new ApiServerOptions();
        foreach (Func<ParseResult, ApiServerOptions, ApiServerOptions> bind in _bind)
        {
            options = bind(context.Flags, options);
        }

        if (options.RequestTimeout <= TimeSpan.Zero)
        {
            throw new StartupException("--request-timeout must be more than 0");
        }

        if (options.StorageInitializationTimeout < TimeSpan.Zero)
        {
            throw new StartupException("--storage-initialization-timeout can't be less than 0");
        }

        if (options.MinRequestTimeout < 0 || options.MaxRequestsInFlight < 0 || options.MaxMutatingRequestsInFlight < 0)
        {
            throw new StartupException(
                "--min-request-timeout, --max-requests-inflight and --max-mutating-requests-inflight can't be less than 0");
        }

        return new ApiServerProcess(options, context.LoggerFactory, context.TimeProvider);
    }

    private void Bind<T>(Option<T> option, Func<ApiServerOptions, T, ApiServerOptions> set) =>
        _bind.Add((flags, options) => set(options, flags.GetValue(option)!));
}
