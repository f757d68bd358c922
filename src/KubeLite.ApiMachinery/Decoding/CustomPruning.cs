using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Takes out of a custom resource what its schema doesn't name (apiextensions' <c>schema/pruning</c> of v1.36). Where a value
/// is of another type than its schema, nothing inside it is named.
/// </summary>
public sealed class CustomPruning
{
    private readonly List<string> _unknown = [];
    private readonly StringBuilder _path = new();

    private CustomPruning() { }

    /// <summary>Prunes a value, in place.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="unknown">Gets the paths of what was taken out, in order.</param>
    public static void Run(object? value, Schema schema, List<string> unknown)
    {
        var pruning = new CustomPruning();
        pruning.Prune(value, schema);
        pruning._unknown.Sort(StringComparer.Ordinal);
        unknown.AddRange(pruning._unknown);
    }

    private void Prune(object? value, Schema? schema)
    {
        switch (value)
        {
            case JsonMap map:
                Members(map, schema);
                break;
            case JsonList list:
                for (int i = 0; i < list.Count; i++)
                {
                    int mark = _path.Length;
                    _path.Append('[').Append(i).Append(']');
                    Item(list[i], schema);
                    _path.Length = mark;
                }

                break;
        }
    }

    /// <summary>The items of a list that keeps what it doesn't know keep it too.</summary>
    private void Item(object? item, Schema? list)
    {
        Schema? schema = list is { Kind: ValueKind.List } ? list.Element : null;
        if (list is not { PreserveUnknown: true })
        {
            Prune(item, schema);
        }
        else if (schema is not null)
        {
            Prune(item, schema.Keeping());
        }
    }

    private void Members(JsonMap map, Schema? schema)
    {
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            int mark = _path.Length;
            if (mark > 0)
            {
                _path.Append('.');
            }

            _path.Append(name);
            if (schema?.Member(name) is { } member)
            {
                // What every API object has is decoded as what it is.
                if (member.Custom)
                {
                    Prune(value, member);
                }
            }
            else if (schema is not { PreserveUnknown: true })
            {
                _unknown.Add(_path.ToString());
                map.Remove(name);
                i--;
            }

            _path.Length = mark;
        }
    }
}
