using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Defaults and rules of devices that claims, classes and slices share (Kubernetes v1.36, <c>pkg/apis/resource</c>), but for CEL.</summary>
internal static class DeviceValidation
{
    private const int MaxRequests = 32;
    private const int MaxSelectors = 32;
    private const int MaxConfigs = 32;
    private const int MaxConstraints = 32;
    private const int MaxSubrequests = 8;

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
        if (requests.Count > MaxRequests)
        {
            errors.TooMany(path.Child("requests"), requests.Count, MaxRequests);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap request in requests.Maps())
        {
            FieldPath at = path.Child("requests").Index(i++);
            string name = request.String("name") ?? "";
            Request(request, at, errors);
            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }

            foreach (JsonMap sub in request.List("firstAvailable")?.Maps() ?? [])
            {
                names.Add($"{name}/{sub.String("name")}");
            }
        }

        Constraints(devices?.List("constraints") ?? [], names, path.Child("constraints"), errors);
        Configs(devices?.List("config") ?? [], names, path.Child("config"), errors);
    }

    /// <summary>Selectors of devices, without the meaning of their expressions.</summary>
    public static void Selectors(JsonList selectors, FieldPath path, FieldErrors errors)
    {
        if (selectors.Count > MaxSelectors)
        {
            errors.TooMany(path, selectors.Count, MaxSelectors);
        }

        int i = 0;
        foreach (JsonMap selector in selectors.Maps())
        {
            if (selector.Map("cel") is null)
            {
                errors.Required(path.Index(i).Child("cel"));
            }

            i++;
        }
    }

    /// <summary>Configurations for drivers.</summary>
    public static void Configs(JsonList configs, HashSet<string>? requests, FieldPath path, FieldErrors errors)
    {
        if (configs.Count > MaxConfigs)
        {
            errors.TooMany(path, configs.Count, MaxConfigs);
        }

        int i = 0;
        foreach (JsonMap config in configs.Maps())
        {
            FieldPath at = path.Index(i++);
            RequestNames(config.List("requests"), requests, at.Child("requests"), errors);
            if (config.Map("opaque") is not { } opaque)
            {
                errors.Required(at.Child("opaque"));
                continue;
            }

            at = at.Child("opaque");
            FieldRules.DriverName(opaque.String("driver"), at.Child("driver"), errors);
            if (opaque["parameters"] is null)
            {
                errors.Required(at.Child("parameters"));
            }
            else if (opaque["parameters"] is not JsonMap)
            {
                errors.Invalid(at.Child("parameters"), "<value omitted>", "parameters must be a valid JSON object");
            }
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

        if (alternatives.Count > MaxSubrequests)
        {
            errors.TooMany(path.Child("firstAvailable"), alternatives.Count, MaxSubrequests);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap alternative in alternatives.Maps())
        {
            FieldPath at = path.Child("firstAvailable").Index(i++);
            string name = alternative.String("name") ?? "";
            FieldRules.Label(name, at.Child("name"), errors);
            Exact(alternative, at, errors);
            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
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

        int i = 0;
        foreach (JsonMap toleration in request.List("tolerations")?.Maps() ?? [])
        {
            FieldPath at = path.Child("tolerations").Index(i++);
            if (toleration.String("key") is { Length: > 0 } key)
            {
                FieldRules.QualifiedName(key, at.Child("key"), errors);
            }

            FieldRules.RequiredOneOf(toleration.String("operator"), at.Child("operator"), errors, "Equal", "Exists");
        }
    }

    private static void Constraints(JsonList constraints, HashSet<string> requests, FieldPath path, FieldErrors errors)
    {
        if (constraints.Count > MaxConstraints)
        {
            errors.TooMany(path, constraints.Count, MaxConstraints);
        }

        int i = 0;
        foreach (JsonMap constraint in constraints.Maps())
        {
            FieldPath at = path.Index(i++);
            RequestNames(constraint.List("requests"), requests, at.Child("requests"), errors);
            if (constraint.String("matchAttribute") is { } attribute)
            {
                Attribute(attribute, at.Child("matchAttribute"), errors);
            }
            else if (constraint["distinctAttribute"] is null)
            {
                errors.Required(at, "exactly one of `matchAttribute` or `distinctAttribute` is required");
            }
        }
    }

    private static void Attribute(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "name required");
            return;
        }

        int slash = name.IndexOf('/');
        if (slash < 0)
        {
            errors.Invalid(path, name, "must include a domain");
            return;
        }

        FieldRules.Subdomain(name[..slash], path, errors);
    }

    private static void RequestNames(JsonList? names, HashSet<string>? requests, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (string name in names?.Strings() ?? [])
        {
            FieldPath at = path.Index(i++);
            foreach (string part in name.Split('/', 2))
            {
                FieldRules.Follows(NameRules.DnsLabel(part), part, at, errors);
            }

            if (requests?.Contains(name) == false)
            {
                errors.Invalid(at, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'");
            }

            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }
}
