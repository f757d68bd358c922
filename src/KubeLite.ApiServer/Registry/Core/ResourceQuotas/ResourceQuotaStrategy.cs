using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.ResourceQuotas;

/// <summary>ResourceQuotas (Kubernetes v1.36, <c>pkg/registry/core/resourcequota</c>).</summary>
public sealed class ResourceQuotaStrategy : ResourceStrategy
{
    private static readonly string[] s_scopes =
        ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort",
            "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass"];

    private static readonly HashSet<string> s_compute =
        ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory", "pods"];

    /// <summary>Makes the strategy.</summary>
    public ResourceQuotaStrategy() => ReturnsDeletedObject = true;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        JsonMap hard = spec.Map("hard") ?? new JsonMap();
        Amounts(hard, path.Child("hard"), errors);
        Scopes(spec.List("scopes"), hard, path.Child("scopes"), errors);
        if (spec.Map("scopeSelector") is { } selector)
        {
            ScopeSelector(selector, spec["scopes"], hard, path.Child("scopeSelector").Child("matchExpressions"), errors);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        JsonList? scopes = obj.MapAt("spec").List("scopes");
        if (!new HashSet<string>(scopes?.Strings() ?? []).SetEquals(old.MapAt("spec").List("scopes")?.Strings() ?? []))
        {
            errors.Invalid(FieldPath.Of("spec", "scopes"), scopes, MetadataValidation.Immutable);
        }
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        if ((obj.MapAt("metadata").String("resourceVersion") ?? "").Length == 0)
        {
            errors.Required(FieldPath.Of("resourceVersion"));
        }

        Amounts(obj.Map("status")?.Map("hard") ?? new JsonMap(), FieldPath.Of("status", "hard"), errors);
        Amounts(obj.Map("status")?.Map("used") ?? new JsonMap(), FieldPath.Of("status", "used"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        if (old is not null)
        {
            yield break;
        }

        JsonMap? hard = obj.Map("spec")?.Map("hard");
        foreach (string name in (string[])["cpu", "memory", "storage", "ephemeral-storage"])
        {
            // Two of them have a short name, too.
            string requested = $"requests.{name}", limited = $"limits.{name}";
            if (hard?.ContainsKey(requested) != true && name is "cpu" or "memory")
            {
                requested = name;
            }

            if (Quantity.TryParse(hard?.String(requested), out Quantity request, out _) &&
                Quantity.TryParse(hard?.String(limited), out Quantity limit, out _) &&
                request.Nanos > limit.Nanos)
            {
                yield return
                    $"ResourceQuota {requested} ({hard!.String(requested)}) should be less than {limited} ({hard.String(limited)})";
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? status = obj.Map("status");
        var requests = new StringBuilder();
        var limits = new StringBuilder();
        foreach (var (name, hard) in (status?.Map("hard") ?? []).OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            StringBuilder column = name.StartsWith("limits.", StringComparison.Ordinal) ? limits : requests;
            column.Append(column.Length > 0 ? ", " : "").Append(name).Append(": ")
                .Append(status?.Map("used")?.String(name) ?? "0").Append('/').Append(hard);
        }

        return [metadata.String("name"), requests.ToString(), limits.ToString(), TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void Amounts(JsonMap amounts, FieldPath path, FieldErrors errors)
    {
        foreach (var (name, amount) in amounts)
        {
            ResourceNames.Quota(name, path.Key(name), errors);
            ResourceNames.Amount(name, amount, path.Key(name), errors);
        }
    }

    private static void Scopes(JsonList? scopes, JsonMap hard, FieldPath path, FieldErrors errors)
    {
        List<string> list = [.. scopes?.Strings() ?? []];
        foreach (string scope in list)
        {
            if (!s_scopes.Contains(scope))
            {
                errors.Invalid(path, scopes, "unsupported scope");
            }

            foreach (var (name, _) in hard)
            {
                if (ResourceNames.IsStandardForQuota(name) && !AppliesTo(scope, name))
                {
                    errors.Invalid(path, scopes, "unsupported scope applied to resource");
                }
            }
        }

        Conflicts(list, scopes, path, errors);
    }

    private static void Conflicts(List<string> scopes, object? shown, FieldPath path, FieldErrors errors)
    {
        foreach ((string one, string other) in ((string, string)[])[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Invalid(path, shown, "conflicting scopes");
            }
        }
    }

    private static void ScopeSelector(JsonMap selector, object? shownScopes, JsonMap hard, FieldPath path, FieldErrors errors)
    {
        var shown = new JsonMap
        {
            { "MatchExpressions", new JsonList((selector.List("matchExpressions")?.Maps() ?? []).Select(InternalExpression)) },
        };
        var scopes = new List<string>();
        foreach (JsonMap expression in selector.List("matchExpressions")?.Maps() ?? [])
        {
            string scope = expression.String("scopeName") ?? "", op = expression.String("operator") ?? "";
            bool values = expression.List("values") is { Count: > 0 };
            if (!s_scopes.Contains(scope))
            {
                errors.Invalid(path.Child("scopeName"), scope, "unsupported scope");
            }

            foreach (var (name, _) in hard)
            {
                if (ResourceNames.IsStandardForQuota(name) && !AppliesTo(scope, name))
                {
                    errors.Invalid(path, shown, "unsupported scope applied to resource");
                }
            }

            if (scope is "BestEffort" or "NotBestEffort" or "Terminating" or "NotTerminating" or "CrossNamespacePodAffinity"
                && op != "Exists")
            {
                errors.Invalid(
                    path.Child("operator"), op,
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }

            switch (op)
            {
                case "In" or "NotIn":
                    if (!values)
                    {
                        errors.Required(
                            path.Child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                    }

                    break;
                case "Exists" or "DoesNotExist":
                    if (values)
                    {
                        errors.Invalid(
                            path.Child("values"), expression["values"],
                            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                    }

                    break;
                default:
                    errors.Invalid(path.Child("operator"), op, "not a valid selector operator");
                    break;
            }

            scopes.Add(scope);
        }

        Conflicts(scopes, shownScopes, path, errors);
    }

    private static JsonMap InternalExpression(JsonMap expression) => new()
    {
        { "ScopeName", expression["scopeName"] },
        { "Operator", expression["operator"] },
        { "Values", expression["values"] },
    };

    private static bool AppliesTo(string scope, string resource) => scope switch
    {
        "BestEffort" => resource == "pods",
        "Terminating" or "NotTerminating" or "NotBestEffort" or "PriorityClass" or "CrossNamespacePodAffinity" =>
            s_compute.Contains(resource),
        "VolumeAttributesClass" => resource is "requests.storage" or "persistentvolumeclaims",
        _ => true,
    };
}
