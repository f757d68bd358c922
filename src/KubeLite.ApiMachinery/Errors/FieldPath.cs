using System.Globalization;

namespace KubeLite.ApiMachinery.Errors;

/// <summary>
/// The path of a field in messages: <c>spec.containers[0].ports[web].name</c>. The text is only made when it is asked for.
/// </summary>
public sealed class FieldPath
{
    // Made by the dozen for every object that is validated, mostly for nothing: a member's name or a map's key share one field.
    private const int IsMember = -1, IsKey = -2;

    private readonly FieldPath? _parent;
    private readonly string? _text;
    private readonly int _index;

    private FieldPath(FieldPath? parent, string? text, int index)
    {
        _parent = parent;
        _text = text;
        _index = index;
    }

    /// <summary>A path of one name; null stands for the object itself.</summary>
    public static FieldPath? Root => null;

    /// <summary>A path from names.</summary>
    public static FieldPath Of(string name, params ReadOnlySpan<string> more)
    {
        var path = new FieldPath(null, name, IsMember);
        foreach (string step in more)
        {
            path = path.Child(step);
        }

        return path;
    }

    /// <summary>A member of this one.</summary>
    public FieldPath Child(string name) => new(this, name, IsMember);

    /// <summary>An item of this list.</summary>
    public FieldPath Index(int index) => new(this, null, index);

    /// <summary>An item of this map.</summary>
    public FieldPath Key(string key) => new(this, key, IsKey);

    /// <inheritdoc />
    public override string ToString()
    {
        string own = _index switch
        {
            IsMember => _text!,
            IsKey => $"[{_text}]",
            _ => $"[{_index.ToString(CultureInfo.InvariantCulture)}]",
        };
        return _parent is null ? own : _index == IsMember ? $"{_parent}.{own}" : $"{_parent}{own}";
    }
}

/// <summary>Steps from a path that may be the object itself.</summary>
public static class FieldPathExtensions
{
    /// <summary>A member below a path, or at the top where the path is null.</summary>
    public static FieldPath Under(this FieldPath? path, string name) => path is null ? FieldPath.Of(name) : path.Child(name);

    /// <summary>An item of the map at a path, or of the object itself where the path is null.</summary>
    public static FieldPath At(this FieldPath? path, string key) => path is null ? FieldPath.Of($"[{key}]") : path.Key(key);
}
