using System.CommandLine;
using System.Net;
using KubeLite.Hosting.Certificates;
using KubeLite.Hosting.CommandLine;

namespace KubeLite.Hosting.Diagnostics;

/// <summary>The flags of a server's own HTTPS listener, named as those of kube-*.</summary>
public sealed class DiagnosticsFlags
{
    private readonly Option<int> _port;
    private readonly Option<string> _address;
    private readonly Option<string> _certificate;
    private readonly Option<string> _key;
    private readonly Option<string> _authorities;

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="defaultPort">The port when the flag is not given.</param>
    /// <param name="portFlag">The name of the port's flag: <c>secure-port</c>, or <c>port</c> for the kubelet.</param>
    /// <param name="addressFlag">The name of the address's flag: <c>bind-address</c>, or <c>address</c> for the kubelet.</param>
    public DiagnosticsFlags(
        ServerCommand command, int defaultPort, string portFlag = "secure-port", string addressFlag = "bind-address")
    {
        _port = command.Int(portFlag, defaultPort, "Port for health and metrics; 0 serves nothing.");
        _address = command.String(addressFlag, "0.0.0.0", "Address to listen on.");
        _certificate = command.String("tls-cert-file", "", "Serving certificate, PEM; a self-signed one is made when empty.");
        _key = command.String("tls-private-key-file", "", "Key of the serving certificate, PEM.");
        _authorities = command.String("client-ca-file", "", "Clients with a certificate of one of these authorities may read metrics.");
    }

    /// <summary>Reads the flags.</summary>
    /// <exception cref="StartupException">A value is not what it should be, or a file cannot be read.</exception>
    public DiagnosticsOptions Read(ParseResult flags)
    {
        if (!IPAddress.TryParse(flags.GetValue(_address), out var address))
        {
            throw new StartupException($"the address \"{flags.GetValue(_address)}\" is not an IP address: give one such as 127.0.0.1");
        }

        var certificate = flags.GetValue(_certificate);
        var authorities = flags.GetValue(_authorities);
        return new DiagnosticsOptions
        {
            Port = flags.GetValue(_port),
            BindAddress = address,
            Certificate = string.IsNullOrEmpty(certificate) ? null : PemFiles.LoadPair(certificate, flags.GetValue(_key)!),
            ClientAuthorities = string.IsNullOrEmpty(authorities) ? null : PemFiles.LoadBundle(authorities),
        };
    }
}
