using k8s.Models;

namespace KubeLite.ControllerRuntime.Selectors;

/// <summary>Which nodes a Pod's node selector and required node affinity allow (component-helpers <c>nodeaffinity</c>).</summary>
public static class NodeSelectors
{
    /// <summary>Whether a Pod may run on a node as far as its selector and required affinity say.</summary>
    public static bool Matches(V1PodSpec pod, V1Node node)
    {
        if (!LabelSelectors.MatchesAll(pod.NodeSelector, node.Metadata.Labels))
        {
            return false;
        }
        var required = pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return required is null || Matches(required, node);
    }

    /// <summary>Whether one of the terms matches. No terms match no node.</summary>
    public static bool Matches(V1NodeSelector selector, V1Node node)
    {
        var terms = selector.NodeSelectorTerms;
        for (var i = 0; i < (terms?.Count ?? 0); i++)
        {
            if (Matches(terms![i], node))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether every expression and field of a term matches. An empty term matches no node.</summary>
    public static bool Matches(V1NodeSelectorTerm term, V1Node node)
    {
        var expressions = term.MatchExpressions;
        var fields = term.MatchFields;
        if (expressions is not { Count: > 0 } && fields is not { Count: > 0 })
        {
            return false;
        }
        for (var i = 0; i < (expressions?.Count ?? 0); i++)
        {
            var expression = expressions![i];
            if (!LabelSelectors.Matches(expression.Key, expression.OperatorProperty, expression.Values, node.Metadata.Labels))
            {
                return false;
            }
        }
        for (var i = 0; i < (fields?.Count ?? 0); i++)
        {
            if (!MatchesField(fields![i], node))
            {
                return false;
            }
        }
        return true;
    }

    private static bool MatchesField(V1NodeSelectorRequirement field, V1Node node)
    {
        if (field.Key != "metadata.name")
        {
            return false;
        }
        var among = field.Values?.Contains(node.Metadata.Name) ?? false;
        return field.OperatorProperty switch { "In" => among, "NotIn" => !among, _ => false };
    }
}
