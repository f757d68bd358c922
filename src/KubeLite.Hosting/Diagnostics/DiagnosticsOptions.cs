using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace KubeLite.Hosting.Diagnostics;

/// <summary>Where a server other than the API server serves health and metrics.</summary>
public sealed record DiagnosticsOptions
{
    /// <summary>kube-scheduler's default port.</summary>
    public const int SchedulerPort = 10259;

    /// <summary>kube-controller-manager's default port.</summary>
    public const int ControllerManagerPort = 10257;

    /// <summary>The kubelet's default port.</summary>
    public const int KubeletPort = 10250;

    /// <summary>The port to listen on; 0 (the default) serves nothing.</summary>
    public int Port { get; init; }

    /// <summary>The address to listen on; every address by default.</summary>
    public IPAddress BindAddress { get; init; } = IPAddress.Any;

    /// <summary>
    /// The serving certificate; null (the default) makes a self-signed one in memory, as kube-scheduler does. Stays the
    /// caller's.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// Who may read /metrics: clients with a certificate of one of these authorities. Null or empty (the default) lets
    /// nobody; health stays open to all.
    /// </summary>
    public X509Certificate2Collection? ClientAuthorities { get; init; }
}
