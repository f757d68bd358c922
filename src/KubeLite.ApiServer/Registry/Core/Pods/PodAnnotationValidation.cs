using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>
/// Validates the annotations of Pods that mean something to the server (Kubernetes v1.36, <c>ValidatePodSpecificAnnotations</c>).
/// </summary>
public static class PodAnnotationValidation
{
    /// <summary>Marks the Pod that stands for one a kubelet runs by itself.</summary>
    public const string Mirror = "kubernetes.io/config.mirror";

    /// <summary>Names a container's AppArmor profile, before there was a field.</summary>
    public const string AppArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string SeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string Localhost = "localhost/";

    /// <summary>Adds the faults of annotations.</summary>
    public static void Validate(JsonMap? annotations, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (annotations?.String(Mirror) is { } mirror && (spec.String("nodeName") ?? "").Length == 0)
        {
            errors.Invalid(path.Key(Mirror), mirror, "must set spec.nodeName if mirror pod annotation is set");
        }

        if (annotations?.String(DeletionCost) is { } cost && !IsCost(cost))
        {
            errors.Invalid(path.Key(DeletionCost), cost, "must be a 32bit integer");
        }

        foreach (var (key, value) in annotations ?? [])
        {
            if (key == SeccompPod || key.StartsWith(SeccompContainer, StringComparison.Ordinal))
            {
                Seccomp(value as string ?? "", path.Child(key), errors);
            }
        }

        foreach (var (key, value) in annotations ?? [])
        {
            if (key.StartsWith(AppArmorPrefix, StringComparison.Ordinal))
            {
                AppArmor(key, value as string ?? "", spec, path, errors);
            }
        }
    }

    /// <summary>Adds the faults of annotations that say something else than the field for the same.</summary>
    public static void MatchFields(JsonMap? annotations, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (annotations is not { Count: > 0 })
        {
            return;
        }

        Match(
            annotations.String(SeccompPod), spec.Map("securityContext")?.Map("seccompProfile"),
            "seccomp", path.Child("securityContext").Child("seccompProfile"), errors);
        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            Match(
                annotations.String(SeccompContainer + container.String("name")), container.Map("securityContext")?.Map("seccompProfile"),
                "seccomp", at.Child("securityContext").Child("seccompProfile"), errors);
        }

        JsonMap? shared = spec.Map("securityContext")?.Map("appArmorProfile");
        foreach ((JsonMap container, FieldPath at) in spec.Map("os")?.String("name") == "windows" ? [] : PodContainers.All(spec, path))
        {
            Match(
                annotations.String(AppArmorPrefix + container.String("name")),
                container.Map("securityContext")?.Map("appArmorProfile") ?? shared, "apparmor",
                at.Child("securityContext").Child("appArmorProfile"), errors);
        }
    }

    /// <summary>Adds the faults of a change: some annotations stay as they were made.</summary>
    public static void Update(JsonMap? annotations, JsonMap? old, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, before) in old ?? [])
        {
            if (annotations?.String(key) != (string?)before && Kept(key) is { } name)
            {
                errors.Forbidden(path.Key(key), $"may not remove or update {name}");
            }
        }

        foreach (var (key, _) in annotations ?? [])
        {
            if (old?.ContainsKey(key) != true && Kept(key) is { } name)
            {
                errors.Forbidden(path.Key(key), $"may not add {name}");
            }
        }
    }

    private static string? Kept(string key) => key == Mirror ? "mirror pod annotation"
        : key.StartsWith(AppArmorPrefix, StringComparison.Ordinal) ? "AppArmor annotations" : null;

    private static bool IsCost(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int cost) &&
            text == cost.ToString(CultureInfo.InvariantCulture);

    private static void Seccomp(string profile, FieldPath path, FieldErrors errors)
    {
        if (profile.StartsWith(Localhost, StringComparison.Ordinal))
        {
            VolumeSourceValidation.LocalPath(profile[Localhost.Length..], path, errors);
        }
        else if (profile is not ("runtime/default" or "docker/default" or "unconfined"))
        {
            errors.Invalid(path, profile, "must be a valid seccomp profile");
        }
    }

    private static void AppArmor(string key, string profile, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        string container = key[AppArmorPrefix.Length..];
        if (!PodContainers.All(spec, path).Any(c => c.Container.String("name") == container))
        {
            errors.Invalid(path.Key(key), container, "container not found");
        }

        if (profile is not ("" or "runtime/default" or "unconfined") && !profile.StartsWith(Localhost, StringComparison.Ordinal))
        {
            errors.Invalid(path.Key(key), profile, $"invalid AppArmor profile name: {FieldError.GoQuote(profile)}");
        }
    }

    private static void Match(string? annotation, JsonMap? profile, string kind, FieldPath path, FieldErrors errors)
    {
        if (annotation is null || profile is null)
        {
            return;
        }

        bool same = profile.String("type") switch
        {
            "Unconfined" => annotation == "unconfined",
            "RuntimeDefault" => annotation == "runtime/default" || (kind == "seccomp" && annotation == "docker/default"),
            "Localhost" => annotation.StartsWith(Localhost, StringComparison.Ordinal),
            _ => true,
        };
        if (!same)
        {
            errors.Forbidden(path.Child("type"), $"{kind} type in annotation and field must match");
        }
        else if (profile.String("type") == "Localhost" && profile.String("localhostProfile") != annotation[Localhost.Length..])
        {
            errors.Forbidden(path.Child("localhostProfile"), $"{kind} profile in annotation and field must match");
        }
    }
}
