using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Resources;

/// <summary>Validates requests, limits and claims of containers and Pods (Kubernetes v1.36, <c>validateResourceRequirements</c>).</summary>
public sealed class ResourceRequirements(FieldErrors errors, IReadOnlySet<string> claims)
{
    private const string HugePages = "hugepages-";

    /// <summary>Adds the faults of a container's resources.</summary>
    public void Container(JsonMap? resources, FieldPath path) => Validate(resources, path, ResourceNames.Container);

    /// <summary>Adds the faults of a Pod's own resources: what its containers ask for together must fit in them.</summary>
    public void Pod(JsonMap spec, FieldPath path)
    {
        if (spec.Map("resources") is not { } resources)
        {
            return;
        }

        if (spec.Map("os")?.String("name") == "windows")
        {
            errors.Forbidden(path, "may not be set for a windows pod");
            return;
        }

        if (resources.List("claims") is not null)
        {
            errors.Forbidden(path.Child("claims"), "claims may not be set for Resources at pod-level");
        }

        Validate(resources, path, PodName);
        foreach (var (name, sum) in ContainerSums.Requests(spec))
        {
            Covers(resources.Map("requests")?.String(name), sum, path.Child("requests").Key(name), "requests");
        }

        // Huge pages can't be promised twice: what the Pod may have covers what its containers may have.
        foreach (var (name, sum) in ContainerSums.Limits(spec).Where(l => ResourceNames.IsHugePages(l.Key)))
        {
            Covers(resources.Map("limits")?.String(name), sum, path.Child("limits").Key(name), "limits");
        }

        int index = 0;
        foreach (JsonMap container in spec.List("containers")?.Maps() ?? [])
        {
            foreach (var (name, limit) in container.Map("resources")?.Map("limits") ?? [])
            {
                if (resources.Map("limits")?.String(name) is { } own && Above(limit, own))
                {
                    errors.Invalid(
                        path.Child("containers").Index(index).Key(name).Child("limits"), limit,
                        $"must be less than or equal to pod limits of {own}");
                }
            }

            index++;
        }
    }

    private void Covers(string? own, Quantity sum, FieldPath path, string kind)
    {
        if (Quantity.TryParse(own, out Quantity amount, out _) && sum.Nanos > amount.Nanos)
        {
            errors.Invalid(path, own, $"must be greater than or equal to aggregate container {kind} of {sum}");
        }
    }

    private static bool Above(object? value, string most) =>
        Quantity.TryParse(value as string, out Quantity a, out _) && Quantity.TryParse(most, out Quantity b, out _) && a.Nanos > b.Nanos;

    private static void PodName(string name, FieldPath path, FieldErrors errors)
    {
        int before = errors.Count;
        ResourceNames.Any(name, path, errors);
        if (errors.Count == before && !ContainerSums.IsForPods(name))
        {
            errors.NotSupported(path, name, "cpu", HugePages, "memory");
        }
    }

    private void Validate(JsonMap? resources, FieldPath path, Action<string, FieldPath, FieldErrors> rule)
    {
        FieldPath limitPath = path.Child("limits"), requestPath = path.Child("requests");
        JsonMap? limits = resources?.Map("limits"), requests = resources?.Map("requests");
        foreach (var (name, value) in limits ?? [])
        {
            rule(name, limitPath.Key(name), errors);
            ResourceNames.Amount(name, value, limitPath.Key(name), errors);
            Divisible(name, value, limitPath.Key(name));
        }

        foreach (var (name, value) in requests ?? [])
        {
            rule(name, requestPath.Key(name), errors);
            ResourceNames.Amount(name, value, requestPath.Key(name), errors);
            Against(name, value, limits, limitPath, requestPath);
            Divisible(name, value, requestPath.Key(name));
        }

        HashSet<string> all = [.. (limits ?? []).Concat(requests ?? []).Select(m => m.Key)];
        if (all.Any(ResourceNames.IsHugePages) && !all.Contains("cpu") && !all.Contains("memory"))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }

        Claims(resources?.List("claims"), path.Child("claims"));
    }

    private void Against(string name, object? value, JsonMap? limits, FieldPath limitPath, FieldPath requestPath)
    {
        bool overcommits = ResourceNames.IsOvercommitAllowed(name);
        if (limits?.String(name) is not { } limit)
        {
            if (!overcommits)
            {
                errors.Required(limitPath, "Limit must be set for non overcommitable resources");
            }

            return;
        }

        if (!Quantity.TryParse(value as string, out Quantity request, out _) || !Quantity.TryParse(limit, out Quantity most, out _))
        {
            return;
        }

        if (!overcommits && request.Nanos != most.Nanos)
        {
            errors.Invalid(requestPath, value, $"must be equal to {name} limit of {limit}");
        }
        else if (request.Nanos > most.Nanos)
        {
            errors.Invalid(requestPath, value, $"must be less than or equal to {name} limit of {limit}");
        }
    }

    private void Divisible(string name, object? value, FieldPath path)
    {
        if (ResourceNames.IsHugePages(name) && Quantity.TryParse(name[HugePages.Length..], out Quantity page, out _) && page.Sign > 0 &&
            Quantity.TryParse(value as string, out Quantity amount, out _) && amount.Nanos % page.Nanos != 0)
        {
            errors.Invalid(path, value, string.Create(CultureInfo.InvariantCulture, $"{value} is not positive integer multiple of {name}"));
        }
    }

    private void Claims(JsonList? references, FieldPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = -1;
        foreach (JsonMap reference in references?.Maps() ?? [])
        {
            FieldPath at = path.Index(++index);
            string name = reference.String("name") ?? "", request = reference.String("request") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            string key = request.Length > 0 ? $"{name}/{request}" : name;
            if (seen.Contains(name))
            {
                errors.Duplicate(at, name);
            }
            else
            {
                if (request.Length > 0)
                {
                    FieldRules.Label(request, at.Child("request"), errors);
                }

                if (seen.Contains(key))
                {
                    errors.Duplicate(at, key);
                }
                else if (request.Length == 0 && seen.Any(s => s.StartsWith(name + "/", StringComparison.Ordinal)))
                {
                    errors.Duplicate(at, name);
                }

                seen.Add(key);
            }

            if (!claims.Contains(name))
            {
                errors.NotFound(at, name, "must be one of the names in pod.spec.resourceClaims" +
                    (claims.Count == 0 ? " which is empty" : ": " + string.Join(", ", claims.Order(StringComparer.Ordinal))));
            }
        }
    }
}
