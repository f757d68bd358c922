using KubeLite.Hosting.Certificates;

namespace KubeLite.Hosting.Kubeconfigs;

/// <summary>Who a kubeconfig speaks as: a client certificate or a bearer token.</summary>
/// <param name="Name">The name of the user entry.</param>
public sealed record KubeconfigUser(string Name)
{
    /// <summary>The client certificate, embedded as data; null for none.</summary>
    public IssuedCertificate? ClientCertificate { get; init; }

    /// <summary>The bearer token; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Names the user only: keys and tokens belong in no log.</summary>
    public override string ToString() => $"{nameof(KubeconfigUser)} {Name}";
}
