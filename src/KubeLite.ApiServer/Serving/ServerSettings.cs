using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Connections;
using KubeLite.ApiServer.Peers;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Serving;

/// <summary>What the flags and the files that they name say, read before anything is opened.</summary>
/// <param name="Network">The Services' addresses and node ports.</param>
/// <param name="Certificates">Whose client certificates are believed.</param>
/// <param name="Tokens">The static tokens.</param>
/// <param name="Address">The address that other members of the cluster are told.</param>
/// <param name="Serving">The certificate that clients are shown.</param>
internal sealed record ServerSettings(
    ServiceNetwork Network, ClientCertificates Certificates, StaticTokens Tokens, IPAddress Address, X509Certificate2 Serving)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="StartupException">One of them is missing or wrong; the line names the flag.</exception>
    public static ServerSettings Read(ApiServerOptions options, TimeProvider time)
    {
        var network = new ServiceNetwork(options.ServiceClusterIpRange, options.ServiceNodePortRange);
        return new ServerSettings(
            network,
            ClientCertificates.Load(options.ClientCaFile),
            StaticTokens.Load(options.TokenAuthFile),
            AdvertisedAddress.Of(options),
            ServingCertificate.Load(options, network, time));
    }
}
