using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Rbac;

/// <summary>Roles and ClusterRoles (Kubernetes v1.36, <c>pkg/apis/rbac/validation</c>).</summary>
public sealed class RoleStrategy : ResourceStrategy
{
    private readonly bool _namespaced;

    /// <summary>Makes the strategy.</summary>
    /// <param name="namespaced">True for Roles.</param>
    public RoleStrategy(bool namespaced)
    {
        _namespaced = namespaced;
        NameRule = NameRules.Segment;
        AllowsCreateOnUpdate = true;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        FieldPath rules = FieldPath.Of("rules");
        int i = 0;
        foreach (JsonMap rule in obj.List("rules")?.Maps() ?? [])
        {
            Rule(rule, rules.Index(i++), errors);
        }

        if (obj.Map("aggregationRule") is not { } aggregation)
        {
            return;
        }

        FieldPath selectors = FieldPath.Of("aggregationRule", "clusterRoleSelectors");
        if (aggregation.List("clusterRoleSelectors") is not { Count: > 0 } list)
        {
            errors.Required(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
            return;
        }

        i = 0;
        foreach (JsonMap selector in list.Maps())
        {
            SelectorValidation.Labels(selector, selectors.Index(i++), errors);
        }
    }

    private void Rule(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        if (!Has("verbs"))
        {
            errors.Required(path.Child("verbs"), "verbs must contain at least one value");
        }

        if (Has("nonResourceURLs"))
        {
            FieldPath at = path.Child("nonResourceURLs");
            if (_namespaced)
            {
                errors.Invalid(at, rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
            }

            if (Has("apiGroups") || Has("resources") || Has("resourceNames"))
            {
                errors.Invalid(at, rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (!Has("apiGroups"))
        {
            errors.Required(path.Child("apiGroups"), "resource rules must supply at least one api group");
        }

        if (!Has("resources"))
        {
            errors.Required(path.Child("resources"), "resource rules must supply at least one resource");
        }

        bool Has(string name) => rule.List(name) is { Count: > 0 };
    }
}
