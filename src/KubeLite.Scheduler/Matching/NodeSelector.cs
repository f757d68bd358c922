using k8s.Models;

namespace KubeLite.Scheduler.Matching;

/// <summary>A compiled node selector: the terms are alternatives, a term's requirements all hold. Immutable.</summary>
internal sealed class NodeSelector
{
    private readonly Term[] _terms;

    private NodeSelector(Term[] terms) => _terms = terms;

    /// <summary>Compiles a selector; null gives null. Terms without requirements match nothing.</summary>
    public static NodeSelector? Of(V1NodeSelector? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var terms = new List<Term>();
        foreach (var term in selector.NodeSelectorTerms ?? [])
        {
            if (Term.Of(term) is { } compiled)
            {
                terms.Add(compiled);
            }
        }

        return new NodeSelector([.. terms]);
    }

    /// <summary>Compiles a single term; null when it has no requirement and so matches nothing.</summary>
    public static NodeSelector? Of(V1NodeSelectorTerm? term) =>
        term is not null && Term.Of(term) is { } compiled ? new NodeSelector([compiled]) : null;

    /// <summary>Whether one of the terms matches the node.</summary>
    public bool Matches(V1Node node)
    {
        foreach (var term in _terms)
        {
            if (term.Matches(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The node names that are possible because every term names some by <c>metadata.name</c>; null when a term leaves them
    /// open.
    /// </summary>
    public HashSet<string>? PossibleNames()
    {
        HashSet<string>? union = null;
        foreach (var term in _terms)
        {
            if (term.PossibleNames() is not { } names)
            {
                return null;
            }

            union ??= new(StringComparer.Ordinal);
            union.UnionWith(names);
        }

        return union;
    }

    private sealed class Term(Requirement[] labels, Requirement[] fields)
    {
        public static Term? Of(V1NodeSelectorTerm term)
        {
            var labels = Requirement.Of(term.MatchExpressions);
            var fields = Requirement.Of(term.MatchFields);
            return labels.Length + fields.Length == 0 ? null : new Term(labels, fields);
        }

        public bool Matches(V1Node node)
        {
            foreach (var requirement in labels)
            {
                if (!requirement.Matches(node.Metadata.Labels))
                {
                    return false;
                }
            }

            foreach (var requirement in fields)
            {
                if (requirement.Key != "metadata.name" || !requirement.Matches(node.Metadata.Name))
                {
                    return false;
                }
            }

            return true;
        }

        public HashSet<string>? PossibleNames()
        {
            HashSet<string>? names = null;
            foreach (var requirement in fields)
            {
                if (requirement.Key != "metadata.name" || requirement.InValues is not { } values)
                {
                    continue;
                }

                if (names is null)
                {
                    names = new(values, StringComparer.Ordinal);
                }
                else
                {
                    names.IntersectWith(values);
                }
            }

            return names;
        }
    }
}
