using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// The value that stood before where one stands now, found by the structural schema: members by name, items of list maps by
/// their keys (apiserver's <c>cel/common/equality.go</c> of v1.36).
/// </summary>
/// <param name="Old">The value before.</param>
/// <param name="New">The value now.</param>
/// <param name="Schema">The structural schema of both.</param>
internal sealed record Correlation(object? Old, object? New, JsonMap Schema)
{
    /// <summary>A member; null where it wasn't there before or the schema doesn't know it.</summary>
    public Correlation? Member(string name) =>
        Old is JsonMap old && New is JsonMap map && old.TryGetValue(name, out object? before) && map.TryGetValue(name, out object? value) &&
        (Schema.Map("properties")?.Map(name) ?? Schema.Map("additionalProperties")) is { } inner
            ? new Correlation(before, value, inner)
            : null;

    /// <summary>An item; null where it can't be told which one it was.</summary>
    public Correlation? Item(int index)
    {
        if (!IsListMap || Old is not JsonList old || New is not JsonList list || list[index] is not JsonMap item ||
            Schema.Map("items") is not { } inner)
        {
            return null;
        }

        List<string> keys = [.. Schema.List("x-kubernetes-list-map-keys")?.Strings() ?? []];
        JsonMap? before = old.Maps().FirstOrDefault(o => keys.All(k => JsonValue.DeepEquals(o[k], item[k])));
        return before is null ? null : new Correlation(before, item, inner);
    }

    /// <summary>True where nothing changed; members that the schema doesn't know count as changed.</summary>
    public bool IsSame()
    {
        switch (New)
        {
            case JsonMap map:
                if (Old is not JsonMap old || old.Count != map.Count)
                {
                    return false;
                }

                foreach (var (name, _) in map)
                {
                    if (Member(name)?.IsSame() != true)
                    {
                        return false;
                    }
                }

                return true;
            case JsonList list when IsListMap && Old is JsonList before:
                return list.Count == before.Count && Enumerable.Range(0, list.Count).All(i => Item(i)?.IsSame() == true);
            default:
                return JsonValue.DeepEquals(Old, New);
        }
    }

    private bool IsListMap => Schema.String("x-kubernetes-list-type") == "map";
}
