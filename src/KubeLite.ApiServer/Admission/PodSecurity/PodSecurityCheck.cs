using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>What a check found: why a Pod isn't allowed, and where.</summary>
/// <param name="Reason">The control that is violated.</param>
/// <param name="Detail">Who violates it and how.</param>
public sealed record PodSecurityViolation(string Reason, string Detail)
{
    /// <inheritdoc />
    public override string ToString() => Detail.Length == 0 ? Reason : $"{Reason} ({Detail})";
}

/// <summary>A Pod as the checks see it, with the version of the standards that counts.</summary>
/// <param name="Spec">The Pod's spec, or a template's.</param>
/// <param name="Annotations">Its annotations; null for none.</param>
/// <param name="Minor">The minor version of the standards.</param>
public sealed record PodUnderCheck(JsonMap Spec, JsonMap? Annotations, int Minor)
{
    /// <summary>The Pod's own security context.</summary>
    public JsonMap? Context => Spec.Map("securityContext");

    /// <summary>True where the newer standards spare a Pod of Windows.</summary>
    public bool IsSparedWindows => Minor >= 25 && Spec.Map("os")?.String("name") == "windows";

    /// <summary>True where the newer standards trust the Pod's user namespace.</summary>
    public bool HasUserNamespace => Minor >= 35 && Spec["hostUsers"] is false;
}
