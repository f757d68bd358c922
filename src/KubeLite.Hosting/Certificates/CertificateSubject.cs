namespace KubeLite.Hosting.Certificates;

/// <summary>Who a certificate is for. Kubernetes reads the common name as the user and each organization as a group.</summary>
/// <param name="CommonName">The user, for example <c>system:kube-scheduler</c>.</param>
/// <param name="Organizations">The groups, for example <c>system:masters</c>; none by default.</param>
public sealed record CertificateSubject(string CommonName, params IReadOnlyList<string> Organizations);
