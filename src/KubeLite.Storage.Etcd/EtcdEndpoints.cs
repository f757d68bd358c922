using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace KubeLite.Storage.Etcd;

/// <summary>The members' channels as one call invoker: calls go to the member that worked last; after a failure the next one is
/// taken. Safe for concurrent use.</summary>
internal sealed class EtcdEndpoints : CallInvoker, IDisposable
{
    private const int WindowBytes = 8 << 20;

    private readonly (string Url, GrpcChannel Channel, CallInvoker Invoker)[] _members;
    private int _current;

    /// <summary>Prepares channels; connects to nothing yet.</summary>
    /// <exception cref="StoreException">InvalidArgument: no or a malformed URL, or an unreadable certificate file.</exception>
    public EtcdEndpoints(EtcdStoreOptions options)
    {
        if (options.Endpoints.Count == 0)
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "no etcd server is given: set --etcd-servers");
        }

        _members = [.. options.Endpoints.Select(endpoint => Open(endpoint, options))];
    }

    public int Count => _members.Length;

    /// <summary>The member that calls go to now.</summary>
    public int Current => Volatile.Read(ref _current);

    /// <summary>That member's URL.</summary>
    public string CurrentUrl => _members[Current].Url;

    /// <summary>Goes on to the next member, unless someone else has done so since <paramref name="failed"/> was current.</summary>
    public void Rotate(int failed) => Interlocked.CompareExchange(ref _current, (failed + 1) % _members.Length, failed);

    /// <inheritdoc />
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("calls to etcd are asynchronous");

    /// <inheritdoc />
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        _members[Current].Invoker.AsyncUnaryCall(method, host, options, request);

    /// <inheritdoc />
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        _members[Current].Invoker.AsyncServerStreamingCall(method, host, options, request);

    /// <inheritdoc />
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        _members[Current].Invoker.AsyncClientStreamingCall(method, host, options);

    /// <inheritdoc />
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        _members[Current].Invoker.AsyncDuplexStreamingCall(method, host, options);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach ((_, GrpcChannel channel, _) in _members)
        {
            channel.Dispose();
        }
    }

    private static (string Url, GrpcChannel Channel, CallInvoker Invoker) Open(string endpoint, EtcdStoreOptions options)
    {
        string url = endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : "http://" + endpoint;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new StoreException(
                StoreErrorCode.InvalidArgument,
                $"\"{endpoint}\" is not the URL of an etcd server: correct --etcd-servers (http://host:2379)");
        }

        SocketsHttpHandler handler = new()
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = WindowBytes,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A network that swallows everything is noticed so; etcd takes offence at pings more often than every 5 s.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
        };
        if (address.Scheme == "https")
        {
            handler.SslOptions = TlsOptions(options);
        }

        GrpcChannel channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            MaxRetryAttempts = null,
        });
        return (url, channel, channel.CreateCallInvoker());
    }

    private static SslClientAuthenticationOptions TlsOptions(EtcdStoreOptions options)
    {
        SslClientAuthenticationOptions tls = new();
        try
        {
            if (options.CaFile is not null)
            {
                X509ChainPolicy policy =
                    new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(options.CaFile);
                tls.CertificateChainPolicy = policy;
            }

            if (options.CertFile is not null)
            {
                X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile);
                tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StoreException(
                StoreErrorCode.InvalidArgument,
                $"a certificate file for etcd can't be read ({e.Message}): check --etcd-cafile, --etcd-certfile and --etcd-keyfile", e);
        }

        return tls;
    }
}
