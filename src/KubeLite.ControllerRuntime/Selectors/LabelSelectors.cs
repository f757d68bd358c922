using System.Text;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Selectors;

/// <summary>Label selectors as objects carry them (meta/v1 <c>LabelSelector</c>), matched against labels.</summary>
public static class LabelSelectors
{
    /// <summary>Whether the labels satisfy every requirement. A null selector selects nothing, an empty one everything.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null)
        {
            return false;
        }
        if (selector.MatchLabels is { } wanted && !MatchesAll(wanted, labels))
        {
            return false;
        }
        if (selector.MatchExpressions is { } requirements)
        {
            for (var i = 0; i < requirements.Count; i++)
            {
                var requirement = requirements[i];
                if (!Matches(requirement.Key, requirement.OperatorProperty, requirement.Values, labels))
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>Whether the labels hold every pair. No pairs select everything.</summary>
    public static bool MatchesAll(IDictionary<string, string>? wanted, IDictionary<string, string>? labels)
    {
        if (wanted is null)
        {
            return true;
        }
        foreach (var (key, value) in wanted)
        {
            if (labels is null || !labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// One requirement: <c>In</c>, <c>NotIn</c>, <c>Exists</c>, <c>DoesNotExist</c>, <c>Gt</c> or <c>Lt</c> (the last two
    /// for nodes only). An unknown operator matches nothing.
    /// </summary>
    public static bool Matches(string key, string op, IList<string>? values, IDictionary<string, string>? labels)
    {
        string? actual = null;
        var present = labels is not null && labels.TryGetValue(key, out actual);
        return op switch
        {
            "In" => present && Contains(values, actual!),
            "NotIn" => !present || !Contains(values, actual!),
            "Exists" => present,
            "DoesNotExist" => !present,
            "Gt" => present && Compare(actual!, values, out var order) && order > 0,
            "Lt" => present && Compare(actual!, values, out var order) && order < 0,
            _ => false,
        };
    }

    /// <summary>Whether a selector asks for nothing and so selects everything.</summary>
    public static bool IsEmpty(V1LabelSelector selector) =>
        selector.MatchLabels is not { Count: > 0 } && selector.MatchExpressions is not { Count: > 0 };

    /// <summary>The text form for queries: <c>a=b,c in (d,e),!f</c>.</summary>
    public static string Format(V1LabelSelector selector)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in (selector.MatchLabels ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            Separate(text).Append(key).Append('=').Append(value);
        }
        foreach (var requirement in selector.MatchExpressions ?? [])
        {
            Separate(text);
            switch (requirement.OperatorProperty)
            {
                case "Exists":
                    text.Append(requirement.Key);
                    break;
                case "DoesNotExist":
                    text.Append('!').Append(requirement.Key);
                    break;
                default:
                    text.Append(requirement.Key).Append(requirement.OperatorProperty == "In" ? " in (" : " notin (")
                        .AppendJoin(',', (requirement.Values ?? []).OrderBy(v => v, StringComparer.Ordinal)).Append(')');
                    break;
            }
        }
        return text.ToString();
    }

    /// <summary>Whether two sets of labels are the same; null is none.</summary>
    public static bool Same(IDictionary<string, string>? left, IDictionary<string, string>? right)
    {
        if ((left?.Count ?? 0) != (right?.Count ?? 0))
        {
            return false;
        }
        foreach (var (key, value) in left ?? new Dictionary<string, string>())
        {
            if (!right!.TryGetValue(key, out var other) || other != value)
            {
                return false;
            }
        }
        return true;
    }

    private static StringBuilder Separate(StringBuilder text) => text.Length == 0 ? text : text.Append(',');

    private static bool Contains(IList<string>? values, string actual)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
        {
            if (values![i] == actual)
            {
                return true;
            }
        }
        return false;
    }

    private static bool Compare(string actual, IList<string>? values, out int order)
    {
        order = 0;
        if (values is not { Count: 1 } || !long.TryParse(actual, out var left) || !long.TryParse(values[0], out var right))
        {
            return false;
        }
        order = left.CompareTo(right);
        return true;
    }
}
