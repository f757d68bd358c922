namespace KubeLite.ApiMachinery.Selectors;

/// <summary>How a requirement compares.</summary>
public enum SelectorOperator
{
    /// <summary>The value is one of those given.</summary>
    In,

    /// <summary>The key is absent or its value is none of those given.</summary>
    NotIn,

    /// <summary>The key is present.</summary>
    Exists,

    /// <summary>The key is absent.</summary>
    DoesNotExist,

    /// <summary>The value is an integer greater than the one given.</summary>
    GreaterThan,

    /// <summary>The value is an integer less than the one given.</summary>
    LessThan,
}

/// <summary>One requirement of a label selector.</summary>
public sealed record LabelRequirement(string Key, SelectorOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>True where a label's value (null: absent) meets it.</summary>
    public bool Matches(string? value) => Operator switch
    {
        SelectorOperator.In => value is not null && Values.Contains(value),
        SelectorOperator.NotIn => value is null || !Values.Contains(value),
        SelectorOperator.Exists => value is not null,
        SelectorOperator.DoesNotExist => value is null,
        SelectorOperator.GreaterThan =>
            long.TryParse(value, out long n) && n > long.Parse(Values[0], System.Globalization.CultureInfo.InvariantCulture),
        _ => long.TryParse(value, out long n) && n < long.Parse(Values[0], System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <inheritdoc />
    public override string ToString() => Operator switch
    {
        SelectorOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        SelectorOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(",", Values.Order(StringComparer.Ordinal))})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(",", Values.Order(StringComparer.Ordinal))})",
        SelectorOperator.Exists => Key,
        SelectorOperator.DoesNotExist => "!" + Key,
        SelectorOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };
}
