using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>A set of paths to fields: the content of FieldsV1. Operations make new sets and may share parts.</summary>
public sealed class FieldSet
{
    // Both in order of their elements: sets are small, made for every write, and mostly walked.
    private readonly List<PathElement> _members = [];
    private readonly List<KeyValuePair<PathElement, FieldSet>> _children = [];

    /// <summary>True where it holds no path.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_members.Count > 0)
            {
                return false;
            }

            foreach (var (_, child) in _children)
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
            at.AddMember(path[^1]);
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
    public bool Has(PathElement element) => _members.BinarySearch(element) >= 0;

    /// <summary>True where the set holds the path.</summary>
    public bool Has(IReadOnlyList<PathElement> path)
    {
        FieldSet at = this;
        for (int i = 0; i < path.Count - 1; i++)
        {
            if (at.Child(path[i]) is not { } child)
            {
                return false;
            }

            at = child;
        }

        return path.Count > 0 && at.Has(path[^1]);
    }

    /// <summary>What the set holds below a step; null for nothing.</summary>
    public FieldSet? Below(PathElement element) => Child(element) is { IsEmpty: false } child ? child : null;

    /// <summary>The paths of either set.</summary>
    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty)
        {
            return this;
        }

        if (IsEmpty)
        {
            return other;
        }

        var result = new FieldSet();
        int i = 0, j = 0;
        while (i < _members.Count || j < other._members.Count)
        {
            int order = i == _members.Count ? 1 : j == other._members.Count ? -1 : _members[i].CompareTo(other._members[j]);
            result._members.Add(order <= 0 ? _members[i] : other._members[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        for (i = 0, j = 0; i < _children.Count || j < other._children.Count;)
        {
            int order = i == _children.Count ? 1 : j == other._children.Count ? -1 : _children[i].Key.CompareTo(other._children[j].Key);
            result._children.Add(order switch
            {
                < 0 => _children[i],
                > 0 => other._children[j],
                _ => new(_children[i].Key, _children[i].Value.Union(other._children[j].Value)),
            });
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return result;
    }

    /// <summary>The paths of both sets.</summary>
    public FieldSet Intersection(FieldSet other)
    {
        var result = new FieldSet();
        foreach (PathElement member in _members)
        {
            if (other.Has(member))
            {
                result._members.Add(member);
            }
        }

        foreach (var (element, child) in _children)
        {
            if (other.Child(element) is { } theirs)
            {
                result.AppendChild(element, child.Intersection(theirs));
            }
        }

        return result;
    }

    /// <summary>The paths of this set that the other hasn't.</summary>
    public FieldSet Difference(FieldSet other)
    {
        if (other.IsEmpty)
        {
            return this;
        }

        var result = new FieldSet();
        foreach (PathElement member in _members)
        {
            if (!other.Has(member))
            {
                result._members.Add(member);
            }
        }

        foreach (var (element, child) in _children)
        {
            result.AppendChild(element, other.Child(element) is { } theirs ? child.Difference(theirs) : child);
        }

        return result;
    }

    /// <summary>The paths of this set that are neither in the other nor below a path of it.</summary>
    public FieldSet RecursiveDifference(FieldSet other)
    {
        if (other.IsEmpty)
        {
            return this;
        }

        var result = new FieldSet();
        foreach (PathElement member in _members)
        {
            if (!other.Has(member))
            {
                result._members.Add(member);
            }
        }

        foreach (var (element, child) in _children)
        {
            if (!other.Has(element))
            {
                result.AppendChild(element, other.Child(element) is { } theirs ? child.RecursiveDifference(theirs) : child);
            }
        }

        return result;
    }

    /// <summary>The set with every declared field on the way to a path added as a path of its own.</summary>
    public FieldSet WithNamedFields(Schema? schema)
    {
        var result = new FieldSet();
        result._members.AddRange(_members);
        foreach (var (element, child) in _children)
        {
            Schema? inner = null;
            if (element.IsField)
            {
                if (schema?.Field(element.FieldName) is { } field)
                {
                    result.AddMember(element);
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

            result._children.Add(new(element, child.WithNamedFields(inner)));
        }

        return result;
    }

    /// <summary>Every path, in order.</summary>
    public IEnumerable<IReadOnlyList<PathElement>> Paths() => Paths([]);

    /// <summary>Equality by content.</summary>
    public bool SetEquals(FieldSet other) => Difference(other).IsEmpty && other.Difference(this).IsEmpty;

    /// <summary>The FieldsV1 form.</summary>
    public JsonMap ToJson() => ToJson(marked: false);

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
                set.AddMember(element);
                continue;
            }

            if (inner.ContainsKey("."))
            {
                set.AddMember(element);
            }

            set.AddChild(element, FromJson(inner));
        }

        return set;
    }

    private JsonMap ToJson(bool marked)
    {
        var json = new JsonMap(_members.Count + _children.Count + 1);
        if (marked)
        {
            json.Append(".", new JsonMap(0));
        }

        int i = 0, j = 0;
        while (i < _members.Count || j < _children.Count)
        {
            int order = i == _members.Count ? 1 : j == _children.Count ? -1 : _members[i].CompareTo(_children[j].Key);
            if (order < 0)
            {
                json.Append(_members[i++].Text, new JsonMap(0));
                continue;
            }

            (PathElement element, FieldSet child) = _children[j++];
            JsonMap inner = child.ToJson(marked: order == 0);
            i += order == 0 ? 1 : 0;
            if (inner.Count > 0)
            {
                json.Append(element.Text, inner);
            }
        }

        return json;
    }

    private IEnumerable<IReadOnlyList<PathElement>> Paths(List<PathElement> prefix)
    {
        foreach (PathElement member in _members)
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

    private FieldSet? Child(PathElement element) => FindChild(element) is >= 0 and var at ? _children[at].Value : null;

    private FieldSet ChildAt(PathElement element)
    {
        int at = FindChild(element);
        if (at >= 0)
        {
            return _children[at].Value;
        }

        var child = new FieldSet();
        _children.Insert(~at, new(element, child));
        return child;
    }

    private void AddMember(PathElement element)
    {
        // Most come in order.
        int at = _members.Count == 0 || _members[^1].CompareTo(element) < 0 ? ~_members.Count : _members.BinarySearch(element);
        if (at < 0)
        {
            _members.Insert(~at, element);
        }
    }

    /// <summary>Adds a child unless it is empty, in place of one that is there.</summary>
    private void AddChild(PathElement element, FieldSet child)
    {
        if (child.IsEmpty)
        {
            return;
        }

        int at = FindChild(element);
        if (at < 0)
        {
            _children.Insert(~at, new(element, child));
        }
        else
        {
            _children[at] = new(element, child);
        }
    }

    /// <summary>Adds a child behind all others unless it is empty.</summary>
    private void AppendChild(PathElement element, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            _children.Add(new(element, child));
        }
    }

    /// <summary>The place of a child; the complement of where it belongs if there is none.</summary>
    private int FindChild(PathElement element)
    {
        int low = 0, high = _children.Count - 1;
        if (high >= 0 && _children[high].Key.CompareTo(element) < 0)
        {
            return ~(high + 1);
        }

        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = _children[middle].Key.CompareTo(element);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
