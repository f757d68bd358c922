using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>A set of paths to fields: the content of FieldsV1. Operations make new sets and may share parts.</summary>
public sealed class FieldSet
{
    private readonly SortedDictionary<PathElement, bool> _members = [];
    private readonly SortedDictionary<PathElement, FieldSet> _children = [];

    /// <summary>True where it holds no path.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_members.Count > 0)
            {
                return false;
            }

            foreach (FieldSet child in _children.Values)
            {
                if (!child.IsEmpty)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Adds a path; the empty path is none.</summary>
    public void Insert(IReadOnlyList<PathElement> path)
    {
        FieldSet at = this;
        for (int i = 0; i < path.Count - 1; i++)
        {
            at = at.ChildAt(path[i]);
        }

        if (path.Count > 0)
        {
            at._members[path[^1]] = true;
        }
    }

    /// <summary>Adds a path of field names.</summary>
    public FieldSet With(params ReadOnlySpan<string> names)
    {
        var path = new List<PathElement>(names.Length);
        foreach (string name in names)
        {
            path.Add(PathElement.Field(name));
        }

        Insert(path);
        return this;
    }

    /// <summary>True where the set holds this step itself.</summary>
    public bool Has(PathElement element) => _members.ContainsKey(element);

    /// <summary>True where the set holds the path.</summary>
    public bool Has(IReadOnlyList<PathElement> path)
    {
        FieldSet at = this;
        for (int i = 0; i < path.Count - 1; i++)
        {
            if (!at._children.TryGetValue(path[i], out FieldSet? child))
            {
                return false;
            }

            at = child;
        }

        return path.Count > 0 && at._members.ContainsKey(path[^1]);
    }

    /// <summary>What the set holds below a step; null for nothing.</summary>
    public FieldSet? Below(PathElement element) => _children.TryGetValue(element, out FieldSet? child) && !child.IsEmpty ? child : null;

    /// <summary>The paths of either set.</summary>
    public FieldSet Union(FieldSet other)
    {
        var result = new FieldSet();
        foreach (FieldSet source in (FieldSet[])[this, other])
        {
            foreach (PathElement member in source._members.Keys)
            {
                result._members[member] = true;
            }
        }

        foreach (var (element, child) in _children)
        {
            result._children[element] = other._children.TryGetValue(element, out FieldSet? theirs) ? child.Union(theirs) : child;
        }

        foreach (var (element, child) in other._children)
        {
            result._children.TryAdd(element, child);
        }

        return result;
    }

    /// <summary>The paths of both sets.</summary>
    public FieldSet Intersection(FieldSet other)
    {
        var result = new FieldSet();
        foreach (PathElement member in _members.Keys)
        {
            if (other._members.ContainsKey(member))
            {
                result._members[member] = true;
            }
        }

        foreach (var (element, child) in _children)
        {
            if (other._children.TryGetValue(element, out FieldSet? theirs))
            {
                result.AddChild(element, child.Intersection(theirs));
            }
        }

        return result;
    }

    /// <summary>The paths of this set that the other hasn't.</summary>
    public FieldSet Difference(FieldSet other)
    {
        var result = new FieldSet();
        foreach (PathElement member in _members.Keys)
        {
            if (!other._members.ContainsKey(member))
            {
                result._members[member] = true;
            }
        }

        foreach (var (element, child) in _children)
        {
            result.AddChild(element, other._children.TryGetValue(element, out FieldSet? theirs) ? child.Difference(theirs) : child);
        }

        return result;
    }

    /// <summary>The paths of this set that are neither in the other nor below a path of it.</summary>
    public FieldSet RecursiveDifference(FieldSet other)
    {
        var result = new FieldSet();
        foreach (PathElement member in _members.Keys)
        {
            if (!other._members.ContainsKey(member))
            {
                result._members[member] = true;
            }
        }

        foreach (var (element, child) in _children)
        {
            if (!other._members.ContainsKey(element))
            {
                result.AddChild(element, other._children.TryGetValue(element, out FieldSet? theirs) ? child.RecursiveDifference(theirs) : child);
            }
        }

        return result;
    }

    /// <summary>The set with every declared field on the way to a path added as a path of its own.</summary>
    public FieldSet WithNamedFields(Schema? schema)
    {
        var result = new FieldSet();
        foreach (PathElement member in _members.Keys)
        {
            result._members[member] = true;
        }

        foreach (var (element, child) in _children)
        {
            Schema? inner = null;
            if (element.IsField)
            {
                if (schema?.Field(element.FieldName) is { } field)
                {
                    result._members[element] = true;
                    inner = field.Schema;
                }
                else
                {
                    inner = schema?.Kind == ValueKind.Map ? schema.Element : null;
                }
            }
            else if (element.IsKey && schema?.Kind == ValueKind.List)
            {
                inner = schema.Element;
            }

            result._children[element] = child.WithNamedFields(inner);
        }

        return result;
    }

    /// <summary>Every path, in order.</summary>
    public IEnumerable<IReadOnlyList<PathElement>> Paths() => Paths([]);

    /// <summary>Equality by content.</summary>
    public bool SetEquals(FieldSet other) => Difference(other).IsEmpty && other.Difference(this).IsEmpty;

    /// <summary>The FieldsV1 form.</summary>
    public JsonMap ToJson()
    {
        var json = new JsonMap();
        using var members = _members.Keys.GetEnumerator();
        using var children = _children.GetEnumerator();
        bool member = members.MoveNext(), child = children.MoveNext();
        while (member || child)
        {
            int order = !member ? 1 : !child ? -1 : members.Current.CompareTo(children.Current.Key);
            if (order < 0)
            {
                json.Append(members.Current.Text, new JsonMap());
                member = members.MoveNext();
                continue;
            }

            JsonMap inner = children.Current.Value.ToJson();
            if (order == 0)
            {
                var marked = new JsonMap(inner.Count + 1);
                marked.Append(".", new JsonMap());
                foreach (var (key, value) in inner)
                {
                    marked.Append(key, value);
                }

                inner = marked;
                member = members.MoveNext();
            }

            if (inner.Count > 0)
            {
                json.Append(children.Current.Key.Text, inner);
            }

            child = children.MoveNext();
        }

        return json;
    }

    /// <summary>Reads the FieldsV1 form; null is the empty set.</summary>
    /// <exception cref="ManagedFieldsException">A key is no path element.</exception>
    public static FieldSet FromJson(JsonMap? json)
    {
        var set = new FieldSet();
        foreach (var (key, value) in json ?? [])
        {
            if (key == ".")
            {
                continue;
            }

            if (key.Length < 2 || key[1] != ':' || key[0] is not ('f' or 'k' or 'v' or 'i'))
            {
                throw new ManagedFieldsException($"unrecognized path element {key}");
            }

            var element = new PathElement(key);
            if (value is not JsonMap inner || inner.Count == 0)
            {
                set._members[element] = true;
                continue;
            }

            if (inner.ContainsKey("."))
            {
                set._members[element] = true;
            }

            FieldSet child = FromJson(inner);
            if (!child.IsEmpty)
            {
                set._children[element] = child;
            }
        }

        return set;
    }

    private IEnumerable<IReadOnlyList<PathElement>> Paths(List<PathElement> prefix)
    {
        foreach (PathElement member in _members.Keys)
        {
            yield return [.. prefix, member];
        }

        foreach (var (element, child) in _children)
        {
            foreach (IReadOnlyList<PathElement> path in child.Paths([.. prefix, element]))
            {
                yield return path;
            }
        }
    }

    private FieldSet ChildAt(PathElement element)
    {
        if (!_children.TryGetValue(element, out FieldSet? child))
        {
            _children[element] = child = new FieldSet();
        }

        return child;
    }

    private void AddChild(PathElement element, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            _children[element] = child;
        }
    }
}
