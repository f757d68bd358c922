using System.Buffers;
using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>
/// A step of a path in a set of fields, in its FieldsV1 form: <c>f:name</c> a field, <c>k:{…}</c> a list item by its
/// keys, <c>v:…</c> a set's item by its value, <c>i:n</c> an item by its place.
/// </summary>
public readonly record struct PathElement(string Text) : IComparable<PathElement>
{
    private static readonly SearchValues<char> s_plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/: ");

    /// <summary>A field or a map's member.</summary>
    public static PathElement Field(string name) => new("f:" + name);

    /// <summary>True for a field or a map's member.</summary>
    public bool IsField => Text[0] == 'f';

    /// <summary>True for a list item by its keys.</summary>
    public bool IsKey => Text[0] == 'k';

    /// <summary>The name of a field.</summary>
    public string FieldName => Text[2..];

    /// <summary>The step to a list's item.</summary>
    /// <exception cref="ManagedFieldsException">The item has none of the list's keys.</exception>
    public static PathElement ForItem(Schema list, object? item)
    {
        if (list.ListType == ListType.Set)
        {
            return item switch
            {
                JsonMap => throw new ManagedFieldsException("associative list without keys has an element that's a map type"),
                JsonList => throw new ManagedFieldsException("not supported: associative list with lists as elements"),
                null => throw new ManagedFieldsException("associative list without keys has an element that's an explicit null"),
                _ => new("v:" + JsonWriting.ToText(item)),
            };
        }

        if (item is not JsonMap map)
        {
            throw new ManagedFieldsException(item is null
                ? "associative list with keys may not have a null element"
                : "associative list with keys may not have non-map elements");
        }

        if (list.ListKeys is [var only] && map.String(only) is { } plain && IsPlain(plain))
        {
            return new($"k:{{\"{only}\":\"{plain}\"}}");
        }

        var keys = new JsonMap(list.ListKeys.Count);
        foreach (string key in list.OrderedListKeys)
        {
            if (map.TryGetValue(key, out object? value) && value is not null)
            {
                keys.Append(key, value);
            }
            else if (list.Element!.Field(key) is { } field && (field.Schema.Default ?? Published(field)) is { } fallback)
            {
                keys.Append(key, fallback);
            }
        }

        return keys.Count > 0
            ? new("k:" + JsonWriting.ToText(keys))
            : throw new ManagedFieldsException(
                "associative list with keys has an element that omits all key fields " +
                    $"[{string.Join(" ", list.ListKeys.Select(k => $"\"{k}\""))}] " +
                    "(and doesn't have default values for any key fields)");
    }

    private static object? Published(SchemaField field) =>
        field.SchemaDefault is null ? null : JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(field.SchemaDefault));

    /// <inheritdoc />
    public int CompareTo(PathElement other)
    {
        int kind = Rank(Text[0]).CompareTo(Rank(other.Text[0]));
        return kind != 0 ? kind : string.CompareOrdinal(Text, other.Text);
    }

    /// <summary>As a conflict names it: <c>.name</c>, <c>[name="a"]</c>.</summary>
    public override string ToString()
    {
        switch (Text[0])
        {
            case 'f':
                return "." + Text[2..];
            case 'k':
                var keys = (JsonMap)JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(Text[2..]))!;
                return $"[{string.Join(",", keys.Select(k => $"{k.Key}={Show(k.Value)}"))}]";
            case 'v':
                return $"[={Show(JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(Text[2..])))}]";
            default:
                return $"[{Text[2..]}]";
        }
    }

    /// <summary>True where JSON writes the text as it is.</summary>
    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExcept(s_plain);

    private static string Show(object? value) => value switch
    {
        string text => Errors.FieldError.GoQuote(text),
        null => "null",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static int Rank(char kind) => kind switch { 'f' => 0, 'k' => 1, 'v' => 2, _ => 3 };
}
