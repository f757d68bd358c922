namespace KubeLite.ApiMachinery.Documents;

/// <summary>A JSON array; its items are of the same types as the values of a <see cref="JsonMap"/>.</summary>
public sealed class JsonList : List<object?>
{
    /// <summary>An empty list.</summary>
    public JsonList() { }

    /// <summary>An empty list with room for <paramref name="capacity"/> items.</summary>
    public JsonList(int capacity) : base(capacity) { }

    /// <summary>A list of the given items.</summary>
    public JsonList(IEnumerable<object?> items) : base(items) { }

    /// <summary>The items that are maps.</summary>
    public IEnumerable<JsonMap> Maps()
    {
        // By its own iterator: LINQ's needs one more object each time, and lists are walked dozens of times in a write.
        for (int i = 0; i < Count; i++)
        {
            if (this[i] is JsonMap map)
            {
                yield return map;
            }
        }
    }

    /// <summary>The items that are strings.</summary>
    public IEnumerable<string> Strings() => this.OfType<string>();

    /// <summary>A copy that shares nothing with this one.</summary>
    public JsonList DeepCopy()
    {
        var copy = new JsonList(Count);
        foreach (object? item in this)
        {
            copy.Add(JsonValue.DeepCopy(item));
        }

        return copy;
    }
}
