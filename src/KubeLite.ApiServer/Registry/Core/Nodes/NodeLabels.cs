using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>
/// Labels of nodes that have a newer name; whoever selects by an old one is warned (Kubernetes v1.36, <c>pkg/api/node</c>).
/// </summary>
public static class NodeLabels
{
    private static readonly Dictionary<string, string> s_deprecated = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        ["app.kubernetes.io/created-by"] = "deprecated since v1.9",
        ["scheduler.alpha.kubernetes.io/preferAvoidPods"] = "deprecated since v1.22; use Taints and Tolerations instead",
        ["node-role.kubernetes.io/master"] = "use \"node-role.kubernetes.io/control-plane\" instead",
    };

    /// <summary>What to say of a label; null where nothing is wrong with it.</summary>
    public static string? Deprecation(string? label) => label is null ? null : s_deprecated.GetValueOrDefault(label);

    /// <summary>The warnings of a term of a NodeSelector.</summary>
    /// <param name="term">The term.</param>
    /// <param name="path">Its path.</param>
    /// <param name="values">True where values that no label can have are warned of, too.</param>
    public static IEnumerable<string> Term(JsonMap? term, FieldPath path, bool values)
    {
        int index = 0;
        foreach (JsonMap expression in term?.List("matchExpressions")?.Maps() ?? [])
        {
            FieldPath at = path.Child("matchExpressions").Index(index++);
            string? key = expression.String("key");
            if (Deprecation(key) is { } message)
            {
                yield return $"{at.Child("key")}: {key} is {message}";
            }

            int item = 0;
            foreach (string value in values ? expression.List("values")?.Strings() ?? [] : [])
            {
                FieldPath where = at.Child("values").Index(item++);
                foreach (string fault in NameRules.LabelValue(value))
                {
                    yield return $"{where}: {value} is invalid, {fault}";
                }
            }
        }
    }

    /// <summary>The warnings of a label selector over nodes.</summary>
    public static IEnumerable<string> Selector(JsonMap? selector, FieldPath path)
    {
        foreach (string warning in Term(selector, path, values: false))
        {
            yield return warning;
        }

        foreach (var (label, _) in selector?.Map("matchLabels") ?? [])
        {
            if (Deprecation(label) is { } message)
            {
                yield return $"{path.Child("matchLabels").Child(label)}: {message}";
            }
        }
    }
}
