using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates affinity and anti-affinity.</summary>
public sealed class AffinityValidation(FieldErrors errors)
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Adds the faults; null has none.</summary>
    public void Validate(JsonMap? affinity, FieldPath path)
    {
        if (affinity?.Map("nodeAffinity") is { } node)
        {
            Node(node, path.Child("nodeAffinity"));
        }

        foreach (string kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            if (affinity?.Map(kind) is { } pods)
            {
                Pods(pods, path.Child(kind));
            }
        }
    }

    private void Node(JsonMap affinity, FieldPath path)
    {
        if (affinity.Map(Required) is { } required)
        {
            SelectorValidation.Nodes(required, path.Child(Required), errors);
        }

        int index = 0;
        foreach (JsonMap term in affinity.List(Preferred)?.Maps() ?? [])
        {
            FieldPath at = path.Child(Preferred).Index(index++);
            Weight(term, at);
            SelectorValidation.NodeTerm(term.Map("preference") ?? new JsonMap(), at.Child("preference"), errors);
        }
    }

    private void Pods(JsonMap affinity, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap term in affinity.List(Required)?.Maps() ?? [])
        {
            Term(term, path.Child(Required).Index(index++));
        }

        index = 0;
        foreach (JsonMap weighted in affinity.List(Preferred)?.Maps() ?? [])
        {
            FieldPath at = path.Child(Preferred).Index(index++);
            Weight(weighted, at);
            Term(weighted.Map("podAffinityTerm") ?? new JsonMap(), at.Child("podAffinityTerm"));
        }
    }

    private void Weight(JsonMap term, FieldPath path)
    {
        long weight = term.Integer("weight") ?? 0;
        if (weight is < 1 or > 100)
        {
            errors.Invalid(path.Child("weight"), weight, "must be in the range 1-100");
        }
    }

    private void Term(JsonMap term, FieldPath path)
    {
        SelectorValidation.Labels(term.Map("labelSelector"), path.Child("labelSelector"), errors);
        SelectorValidation.Labels(term.Map("namespaceSelector"), path.Child("namespaceSelector"), errors);
        foreach (string ns in term.List("namespaces")?.Strings() ?? [])
        {
            foreach (string fault in NameRules.DnsLabel(ns))
            {
                errors.Invalid(path.Child("namespaces"), ns, fault);
            }
        }

        string key = term.String("topologyKey") ?? "";
        if (key.Length == 0)
        {
            errors.Required(path.Child("topologyKey"), "can not be empty");
        }
        else
        {
            foreach (string fault in NameRules.QualifiedName(key))
            {
                errors.Invalid(path.Child("topologyKey"), key, fault);
            }
        }
    }
}
