using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>Validates ephemeral containers: what they may not have, and that none is changed or taken away (Kubernetes v1.36).</summary>
public static class EphemeralContainerValidation
{
    private const string NotHere = "cannot be set for an Ephemeral Container";

    private static readonly string[] s_forbidden =
    [
        "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules",
        "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
    ];

    /// <summary>Adds the faults of the containers themselves.</summary>
    public static void Containers(JsonMap spec, ContainerValidation common, FieldPath path, FieldErrors errors)
    {
        HashSet<string> others = [.. Names(spec, "containers"), .. Names(spec, "initContainers")];
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap container in spec.List("ephemeralContainers")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = container.String("name") ?? "", image = container.String("image") ?? "";
            common.Common(container, at);
            if (image.Trim().Length != image.Length)
            {
                errors.Invalid(at.Child("image"), image, "must not have leading or trailing whitespace");
            }

            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }

            if (container.String("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound(at.Child("targetContainerName"), target);
            }

            foreach (string field in s_forbidden)
            {
                if (container[field] is not (null or "" or JsonMap { Count: 0 }))
                {
                    errors.Forbidden(at.Child(field), NotHere);
                }
            }

            SubPaths(container.List("volumeMounts"), at.Child("volumeMounts"), errors);
        }
    }

    /// <summary>Adds the faults of a change: a container that is there stays as it is.</summary>
    /// <param name="spec">The new PodSpec.</param>
    /// <param name="old">The stored PodSpec.</param>
    /// <param name="schema">Describes one ephemeral container.</param>
    /// <param name="path">Where the containers stand.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Update(JsonMap spec, JsonMap old, Schema schema, FieldPath path, FieldErrors errors)
    {
        foreach (JsonMap before in old.List("ephemeralContainers")?.Maps() ?? [])
        {
            string name = FieldError.GoQuote(before.String("name") ?? "");
            JsonMap? now = spec.List("ephemeralContainers")?.Maps().LastOrDefault(c => c.String("name") == before.String("name"));
            if (now is null)
            {
                errors.Forbidden(path, $"existing ephemeral containers {name} may not be removed\n");
            }
            else if (!JsonValue.DeepEquals(now, before))
            {
                string change = UnifiedDiff.Of(InternalForm.Of(now, schema), InternalForm.Of(before, schema));
                errors.Forbidden(path, $"existing ephemeral containers {name} may not be changed\n{change}");
            }
        }
    }

    private static void SubPaths(JsonList? mounts, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap mount in mounts?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            foreach (string field in (string[])["subPath", "subPathExpr"])
            {
                if ((mount.String(field) ?? "").Length > 0)
                {
                    errors.Forbidden(at.Child(field), NotHere);
                }
            }
        }
    }

    private static IEnumerable<string> Names(JsonMap spec, string kind) =>
        (spec.List(kind)?.Maps() ?? []).Select(c => c.String("name") ?? "");
}
