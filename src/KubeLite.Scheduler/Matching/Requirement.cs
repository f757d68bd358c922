using System.Globalization;
using k8s.Models;

namespace KubeLite.Scheduler.Matching;

/// <summary>One compiled requirement of a label or node selector.</summary>
internal sealed class Requirement
{
    private readonly string _key;
    private readonly Operator _operator;
    private readonly string[] _values;
    private readonly long _number;

    private Requirement(string key, Operator op, string[] values, long number)
    {
        _key = key;
        _operator = op;
        _values = values;
        _number = number;
    }

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
        Never,
    }

    /// <summary>The label that is looked at.</summary>
    public string Key => _key;

    /// <summary>The values of an <c>In</c> requirement; null for every other operator.</summary>
    public IReadOnlyList<string>? InValues => _operator == Operator.In ? _values : null;

    /// <summary>Key equals value.</summary>
    public static Requirement Equal(string key, string value) => new(key, Operator.In, [value], 0);

    /// <summary>Compiles a requirement; one that the API would refuse matches nothing.</summary>
    public static Requirement Of(string key, string op, IList<string>? values)
    {
        var array = values is null ? [] : values.ToArray();
        switch (op)
        {
            case "In":
                return new(key, Operator.In, array, 0);
            case "NotIn":
                return new(key, Operator.NotIn, array, 0);
            case "Exists":
                return new(key, Operator.Exists, [], 0);
            case "DoesNotExist":
                return new(key, Operator.DoesNotExist, [], 0);
            case "Gt" or "Lt" when array.Length == 1 && TryNumber(array[0], out var number):
                return new(key, op == "Gt" ? Operator.GreaterThan : Operator.LessThan, [], number);
            default:
                return new(key, Operator.Never, [], 0);
        }
    }

    /// <summary>Compiles the requirements of a node selector term.</summary>
    public static Requirement[] Of(IList<V1NodeSelectorRequirement>? requirements)
    {
        if (requirements is null || requirements.Count == 0)
        {
            return [];
        }

        var result = new Requirement[requirements.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Of(requirements[i].Key, requirements[i].OperatorProperty, requirements[i].Values);
        }

        return result;
    }

    /// <summary>Whether a set of labels meets the requirement.</summary>
    public bool Matches(IDictionary<string, string>? labels)
    {
        string? value = null;
        var present = labels is not null && labels.TryGetValue(_key, out value);
        return Matches(present ? value : null);
    }

    /// <summary>Whether a value (null: the key is absent) meets the requirement.</summary>
    public bool Matches(string? value) => _operator switch
    {
        Operator.In => value is not null && Array.IndexOf(_values, value) >= 0,
        Operator.NotIn => value is null || Array.IndexOf(_values, value) < 0,
        Operator.Exists => value is not null,
        Operator.DoesNotExist => value is null,
        Operator.GreaterThan => value is not null && TryNumber(value, out var number) && number > _number,
        Operator.LessThan => value is not null && TryNumber(value, out var number) && number < _number,
        _ => false,
    };

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
