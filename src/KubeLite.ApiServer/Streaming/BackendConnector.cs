using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Connects to what stands behind the API server: kubelets, with certificates, and whatever Pods and Services serve. Safe from any thread.
/// </summary>
public sealed class BackendConnector : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly SslClientAuthenticationOptions _ssl;

    private BackendConnector(SslClientAuthenticationOptions ssl)
    {
        _ssl = ssl;
        Http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // Here, because the certificate is that of the address: the Host header may name another.
            ConnectCallback = (context, cancellationToken) => new ValueTask<Stream>(ConnectAsync(
                new BackendAddress(
                    context.InitialRequestMessage.RequestUri!.Scheme, context.DnsEndPoint.Host,
                    context.DnsEndPoint.Port), cancellationToken)),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = s_patience,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        });
    }

    /// <summary>Sends plain requests; redirects, cookies and encodings are left to who asked.</summary>
    public HttpMessageInvoker Http { get; }

    /// <summary>One for kubelets, with the client certificate and the authority of the options.</summary>
    /// <exception cref="StartupException">A file can't be read.</exception>
    public static BackendConnector ForKubelets(ApiServerOptions options)
    {
        var ssl = new SslClientAuthenticationOptions();
        try
        {
            if (options.KubeletClientCertificateFile.Length > 0)
            {
                ssl.ClientCertificates = [
                    X509Certificate2.CreateFromPemFile(options.KubeletClientCertificateFile, options.KubeletClientKeyFile),
                ];
            }

            if (options.KubeletCertificateAuthorityFile.Length > 0)
            {
                var policy =
                    new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(options.KubeletCertificateAuthorityFile);
                ssl.CertificateChainPolicy = policy;
            }
            else
            {
                // As kube-apiserver: without an authority the kubelet's certificate is taken as it is.
                ssl.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"--kubelet-client-certificate or --kubelet-certificate-authority: {e.Message}", e);
        }

        return new BackendConnector(ssl);
    }

    /// <summary>One for Pods and Services, whose certificates nobody here can check.</summary>
    public static BackendConnector ForWorkloads() =>
        new(new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true });

    /// <summary>Opens a connection that speaks HTTP/1.1.</summary>
    /// <exception cref="IOException">Nobody answers there, or not with a certificate that is trusted; the message is the one of
    /// Go's dialer.</exception>
    public async Task<Stream> ConnectAsync(BackendAddress address, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.ActualPort, patience.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (!address.IsTls)
            {
                return stream;
            }

            var ssl = new SslStream(stream, leaveInnerStreamOpen: false);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = address.Host,
                ClientCertificates = _ssl.ClientCertificates,
                CertificateChainPolicy = _ssl.CertificateChainPolicy,
                RemoteCertificateValidationCallback = _ssl.RemoteCertificateValidationCallback,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
            };
            await ssl.AuthenticateAsClientAsync(options, patience.Token);
            return ssl;
        }
        catch (Exception e) when (e is SocketException or AuthenticationException or IOException ||
            (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            socket.Dispose();
            throw new DialException(Explain(e, address), e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Why a backend couldn't be reached, in the words of Go's dialer where there are any.</summary>
    public static string Explain(Exception e, BackendAddress address)
    {
        string dial = $"dial tcp {address.Host}:{address.ActualPort}: ";
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is DialException)
            {
                return cause.Message;
            }

            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => dial + "connect: connection refused",
                    SocketError.HostUnreachable => dial + "connect: no route to host",
                    SocketError.NetworkUnreachable => dial + "connect: network is unreachable",
                    SocketError.TimedOut => dial + "i/o timeout",
                    SocketError.HostNotFound => $"dial tcp: lookup {address.Host}: no such host",
                    SocketError.ConnectionReset => $"read tcp {address.Host}:{address.ActualPort}: read: connection reset by peer",
                    _ => cause.Message,
                };
            }

            if (cause is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
            {
                return "EOF";
            }
        }

        return e is OperationCanceledException ? dial + "i/o timeout" : e.Message;
    }

    /// <inheritdoc />
    public void Dispose() => Http.Dispose();

    /// <summary>A connection that didn't come about; its message is for the caller.</summary>
    private sealed class DialException(string message, Exception cause) : IOException(message, cause);
}
