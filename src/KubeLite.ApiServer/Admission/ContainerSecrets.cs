using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Admission;

/// <summary>The secrets that a container's environment comes from.</summary>
internal static class ContainerSecrets
{
    /// <summary>Variable by variable, then source by source: the variable's name, or null for a source, and the secret's.</summary>
    public static IEnumerable<(string? Variable, string Secret)> Of(JsonMap container)
    {
        foreach (JsonMap variable in container.List("env")?.Maps() ?? [])
        {
            if (variable.Map("valueFrom")?.Map("secretKeyRef") is { } key)
            {
                yield return (variable.String("name") ?? "", key.String("name") ?? "");
            }
        }

        foreach (JsonMap source in container.List("envFrom")?.Maps() ?? [])
        {
            if (source.Map("secretRef") is { } secret)
            {
                yield return (null, secret.String("name") ?? "");
            }
        }
    }
}
