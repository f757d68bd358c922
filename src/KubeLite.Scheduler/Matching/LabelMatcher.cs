using k8s.Models;

namespace KubeLite.Scheduler.Matching;

/// <summary>A compiled label selector. Immutable.</summary>
internal sealed class LabelMatcher
{
    /// <summary>Matches no object: a selector that is absent.</summary>
    public static readonly LabelMatcher Nothing = new([], nothing: true);

    private readonly Requirement[] _requirements;
    private readonly bool _nothing;

    private LabelMatcher(Requirement[] requirements, bool nothing)
    {
        _requirements = requirements;
        _nothing = nothing;
    }

    /// <summary>True for a selector without requirements, which matches everything.</summary>
    public bool IsEmpty => !_nothing && _requirements.Length == 0;

    /// <summary>Compiles a selector; null matches nothing, an empty one everything.</summary>
    public static LabelMatcher Of(V1LabelSelector? selector)
    {
        if (selector is null)
        {
            return Nothing;
        }

        var requirements = new List<Requirement>();
        AddEqualities(requirements, selector.MatchLabels);
        if (selector.MatchExpressions is { } expressions)
        {
            foreach (var expression in expressions)
            {
                requirements.Add(Requirement.Of(expression.Key, expression.OperatorProperty, expression.Values));
            }
        }

        return new LabelMatcher([.. requirements], nothing: false);
    }

    /// <summary>Compiles a set of equalities, as a Service's selector; null or empty matches everything.</summary>
    public static LabelMatcher OfEqualities(IDictionary<string, string>? equalities)
    {
        var requirements = new List<Requirement>();
        AddEqualities(requirements, equalities);
        return new LabelMatcher([.. requirements], nothing: false);
    }

    /// <summary>A selector that asks for what both ask for.</summary>
    public LabelMatcher And(LabelMatcher other) =>
        new([.. _requirements, .. other._requirements], _nothing || other._nothing);

    /// <summary>A selector that also asks for one value of a key.</summary>
    public LabelMatcher And(string key, string value) => new([.. _requirements, Requirement.Equal(key, value)], _nothing);

    /// <summary>Whether the labels meet every requirement.</summary>
    public bool Matches(IDictionary<string, string>? labels)
    {
        if (_nothing)
        {
            return false;
        }

        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    private static void AddEqualities(List<Requirement> requirements, IDictionary<string, string>? equalities)
    {
        if (equalities is null)
        {
            return;
        }

        foreach (var (key, value) in equalities)
        {
            requirements.Add(Requirement.Equal(key, value));
        }
    }
}
