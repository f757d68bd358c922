using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>
/// Defaults and rules of devices that claims, classes and slices share (Kubernetes v1.36, <c>pkg/apis/resource</c>), but for CEL.
/// </summary>
internal static class DeviceValidation
{
    private const int MaxRequests = 32;
    private const int MaxSelectors = 32;
    private const int MaxConfigs = 32;
    private const int MaxConstraints = 32;
    private const int MaxSubrequests = 8;
    private const int MaxExpressionLength = 10 * 1024;
    private const int MaxParametersLength = 10 * 1024;

    public static void RegisterDefaults(Defaulter defaulter)
    {
        const string group = "io.k8s.api.resource.v1.";
        defaulter.Add(group + "ExactDeviceRequest", Request);
        defaulter.Add(group + "DeviceSubRequest", Request);
        defaulter.Add(group + "DeviceToleration", t => t.SetDefault("operator", "Equal"));

        static void Request(JsonMap request)
        {
            if ((request.String("allocationMode") ?? "").Length == 0)
            {
                request["allocationMode"] = "ExactCount";
            }

            if (request.String("allocationMode") == "ExactCount" && (request.Integer("count") ?? 0) == 0)
            {
                request["count"] = 1L;
            }
        }
    }

    /// <summary>What a claim asks for.</summary>
    public static void Claim(JsonMap? devices, FieldPath path, FieldErrors errors)
    {
        JsonList requests = devices?.List("requests") ?? [];
        HashSet<string> names = RequestNames(devices);
        DeviceSets.Set(
            requests, MaxRequests, path.Child("requests"), errors,
            (request, at) => Request(request, at, errors), r => r.String("name") ?? "");
        DeviceSets.Each(
            devices?.List("constraints"), MaxConstraints, path.Child("constraints"), errors,
            (constraint, at) => Constraint(constraint, names, at, errors));
        Configs(devices?.List("config") ?? [], names, path.Child("config"), errors);
    }

    /// <summary>The names by which a claim's requests can be meant.</summary>
    public static HashSet<string> RequestNames(JsonMap? devices)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonMap request in devices?.List("requests")?.Maps() ?? [])
        {
            string name = request.String("name") ?? "";
            names.Add(name);
            names.UnionWith((request.List("firstAvailable")?.Maps() ?? []).Select(sub => $"{name}/{sub.String("name")}"));
        }

        return names;
    }

    /// <summary>Selectors of devices, without the meaning of their expressions.</summary>
    public static void Selectors(JsonList selectors, FieldPath path, FieldErrors errors) =>
        DeviceSets.Each(selectors, MaxSelectors, path, errors, (selector, at) =>
        {
            if (selector.Map("cel") is not { } cel)
            {
                errors.Required(at.Child("cel"));
            }
            else if ((cel.String("expression") ?? "").Length > MaxExpressionLength)
            {
                errors.TooLong(at.Child("cel").Child("expression"), MaxExpressionLength);
            }
        });

    /// <summary>Configurations for drivers.</summary>
    /// <param name="configs">The configurations.</param>
    /// <param name="requests">The names of requests they may name; null where they name none.</param>
    /// <param name="path">Where they stand.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="max">How many there may be.</param>
    public static void Configs(JsonList configs, HashSet<string>? requests, FieldPath path, FieldErrors errors, int max = MaxConfigs) =>
        DeviceSets.Each(configs, max, path, errors, (config, at) => Config(config, requests, at, errors));

    /// <summary>One configuration for a driver.</summary>
    public static void Config(JsonMap config, HashSet<string>? requests, FieldPath path, FieldErrors errors)
    {
        RequestReferences(config.List("requests"), requests, path.Child("requests"), errors);
        if (config.Map("opaque") is not { } opaque)
        {
            errors.Required(path.Child("opaque"));
            return;
        }

        path = path.Child("opaque");
        FieldRules.DriverName(opaque.String("driver"), path.Child("driver"), errors);
        Raw(opaque["parameters"], path.Child("parameters"), MaxParametersLength, errors);
    }

    /// <summary>An object of a driver's own form, of at most <paramref name="max"/> bytes.</summary>
    public static void Raw(object? raw, FieldPath path, int max, FieldErrors errors)
    {
        if (raw is null)
        {
            errors.Required(path);
        }
        else if (JsonWriting.ToBytes(raw).Length > max)
        {
            errors.TooLong(path, max);
        }
        else if (raw is not JsonMap)
        {
            errors.Invalid(path, "<value omitted>", "must be a valid JSON object");
        }
    }

    /// <summary>The name of a request, or of one of its alternatives after a slash.</summary>
    public static void RequestReference(string name, HashSet<string>? requests, FieldPath path, FieldErrors errors)
    {
        string[] parts = name.Split('/');
        foreach (string part in parts.Length <= 2 ? parts : [])
        {
            FieldRules.Label(part, path, errors);
        }

        if (parts.Length > 2 || requests?.Contains(name) == false)
        {
            errors.Invalid(
                path, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'");
        }
    }

    /// <summary>What a request tolerates.</summary>
    public static void Toleration(JsonMap toleration, FieldPath path, FieldErrors errors)
    {
        string value = toleration.String("value") ?? "", op = toleration.String("operator") ?? "";
        if (toleration.String("key") is { Length: > 0 } key)
        {
            FieldRules.QualifiedName(key, path.Child("key"), errors);
        }

        if (op == "Exists" && value.Length > 0)
        {
            errors.Invalid(path.Child("value"), value, "must be empty for operator `Exists`");
        }
        else if (op == "Equal")
        {
            FieldRules.Follows(NameRules.LabelValue(value), value, path.Child("value"), errors);
        }
        else if (op != "Exists")
        {
            FieldRules.RequiredOneOf(op, path.Child("operator"), errors, "Equal", "Exists");
        }

        if (toleration.String("effect") is { Length: > 0 } effect)
        {
            FieldRules.OneOf(effect, path.Child("effect"), errors, "NoExecute", "NoSchedule", "None");
        }
    }

    private static void Request(JsonMap request, FieldPath path, FieldErrors errors)
    {
        FieldRules.Label(request.String("name"), path.Child("name"), errors);
        JsonMap? exactly = request.Map("exactly");
        JsonList alternatives = request.List("firstAvailable") ?? [];
        if (exactly is null && alternatives.Count == 0)
        {
            errors.Required(path, "exactly one of `exactly` or `firstAvailable` is required");
        }
        else if (exactly is not null && alternatives.Count > 0)
        {
            errors.Invalid(path, null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
        }
        else if (exactly is not null)
        {
            Exact(exactly, path.Child("exactly"), errors);
        }
        else
        {
            DeviceSets.Set(
                alternatives, MaxSubrequests, path.Child("firstAvailable"), errors, (alternative, at) =>
                {
                    FieldRules.Label(alternative.String("name"), at.Child("name"), errors);
                    Exact(alternative, at, errors);
                },
                alternative => alternative.String("name") ?? "");
        }
    }

    private static void Exact(JsonMap request, FieldPath path, FieldErrors errors)
    {
        string deviceClass = request.String("deviceClassName") ?? "";
        if (deviceClass.Length == 0)
        {
            errors.Required(path.Child("deviceClassName"));
        }
        else
        {
            FieldRules.Subdomain(deviceClass, path.Child("deviceClassName"), errors);
        }

        Selectors(request.List("selectors") ?? [], path.Child("selectors"), errors);
        long count = request.Integer("count") ?? 0;
        switch (request.String("allocationMode"))
        {
            case "All":
                if (count != 0)
                {
                    errors.Invalid(path.Child("count"), count, "must not be specified when allocationMode is 'All'");
                }

                break;
            case "ExactCount":
                if (count <= 0)
                {
                    errors.Invalid(path.Child("count"), count, FieldRules.NotPositive);
                }

                break;
            case var other:
                errors.NotSupported(path.Child("allocationMode"), other ?? "", "All", "ExactCount");
                break;
        }

        DeviceSets.Each(
            request.List("tolerations"), null, path.Child("tolerations"), errors, (toleration, at) => Toleration(toleration, at, errors));
    }

    private static void Constraint(JsonMap constraint, HashSet<string> requests, FieldPath path, FieldErrors errors)
    {
        RequestReferences(constraint.List("requests"), requests, path.Child("requests"), errors);
        if (constraint.String("matchAttribute") is { } match)
        {
            DeviceNames.FullyQualified(match, path.Child("matchAttribute"), errors);
        }
        else if (constraint.String("distinctAttribute") is { } distinct)
        {
            DeviceNames.FullyQualified(distinct, path.Child("distinctAttribute"), errors);
        }
        else
        {
            errors.Required(path, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
        }
    }

    private static void RequestReferences(JsonList? names, HashSet<string>? requests, FieldPath path, FieldErrors errors) =>
        DeviceSets.Texts(names, MaxRequests, path, errors, (name, at) => RequestReference(name, requests, at, errors));
}
