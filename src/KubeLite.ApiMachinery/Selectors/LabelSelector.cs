using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Selectors;

/// <summary>A label selector: all requirements must hold. An empty one matches everything.</summary>
public sealed class LabelSelector
{
    /// <summary>Matches everything.</summary>
    public static readonly LabelSelector Everything = new([]);

    /// <summary>A selector of requirements, kept in order of their keys.</summary>
    public LabelSelector(IEnumerable<LabelRequirement> requirements) =>
        Requirements = [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];

    /// <summary>The requirements.</summary>
    public IReadOnlyList<LabelRequirement> Requirements { get; }

    /// <summary>True where there is nothing to meet.</summary>
    public bool IsEmpty => Requirements.Count == 0;

    /// <summary>Reads a selector's text.</summary>
    /// <exception cref="SelectorException">The text is none; the message is Kubernetes'.</exception>
    public static LabelSelector Parse(string text) => new LabelSelectorParser(text).Parse();

    /// <summary>Makes one of a <c>metav1.LabelSelector</c>; null selects nothing, an empty one everything.</summary>
    /// <exception cref="SelectorException">An operator is unknown.</exception>
    public static LabelSelector? FromObject(JsonMap? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector.Map("matchLabels") ?? [])
        {
            requirements.Add(new(key, SelectorOperator.In, [value as string ?? ""]));
        }

        foreach (JsonMap expression in selector.List("matchExpressions")?.Maps() ?? [])
        {
            SelectorOperator op = expression.String("operator") switch
            {
                "In" => SelectorOperator.In,
                "NotIn" => SelectorOperator.NotIn,
                "Exists" => SelectorOperator.Exists,
                "DoesNotExist" => SelectorOperator.DoesNotExist,
                var other =>
                    throw new SelectorException($"{Errors.FieldError.GoQuote(other ?? "")} is not a valid label selector operator"),
            };
            requirements.Add(new(expression.String("key") ?? "", op, [.. expression.List("values")?.Strings() ?? []]));
        }

        return new LabelSelector(requirements);
    }

    /// <summary>True where labels (a map of strings, null for none) meet every requirement.</summary>
    public bool Matches(JsonMap? labels)
    {
        foreach (LabelRequirement requirement in Requirements)
        {
            if (!requirement.Matches(labels?.String(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The selector's text.</summary>
    public override string ToString() => string.Join(",", Requirements);
}
