using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that merges lists by their items' keys, with the directives <c>$patch</c>,
/// <c>$retainKeys</c>, <c>$setElementOrder</c> and <c>$deleteFromPrimitiveList</c> (apimachinery's strategicpatch).
/// </summary>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string ElementOrder = "$setElementOrder/";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";

    /// <summary>The patched copy of a document.</summary>
    /// <exception cref="PatchException">The patch is malformed; the code is Kubernetes'.</exception>
    public static JsonMap Apply(JsonMap document, JsonMap patch, Schema schema) => Merge(document.DeepCopy(), patch.DeepCopy(), schema);

    private static JsonMap Merge(JsonMap original, JsonMap patch, Schema? schema)
    {
        if (patch.TryGetValue(Directive, out object? directive))
        {
            switch (directive)
            {
                case "replace":
                    patch.Remove(Directive);
                    return patch;
                case "delete":
                    return new JsonMap();
                case "merge":
                    patch.Remove(Directive);
                    break;
                default:
                    throw new PatchException(500, $"unknown patch type: {GoText.Of(directive)} in map: {GoText.Of(patch)}");
            }
        }

        Retain(original, patch);
        ApplyElementOrders(original, patch, schema);
        for (int i = 0; i < patch.Count; i++)
        {
            var (key, value) = patch.At(i);
            if (key.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                DeletePrimitives(original, key[DeleteFrom.Length..], value);
                continue;
            }

            if (value is null)
            {
                original.Remove(key);
                continue;
            }

            if (!original.TryGetValue(key, out object? present) || present is null)
            {
                original[key] = WithoutDirectives(value);
                continue;
            }

            (Schema? inner, SchemaField? field) = Member(schema, key);
            original[key] = (present, value) switch
            {
                (JsonMap a, JsonMap b) when field?.PatchReplaces != true => Merge(a, b, inner),
                (JsonList a, JsonList b) when field?.PatchMerges == true => MergeLists(a, b, inner?.Element, field.PatchMergeKey),
                _ => WithoutDirectives(value),
            };
        }

        return original;
    }

    private static (Schema? Schema, SchemaField? Field) Member(Schema? schema, string name) =>
        schema is null ? (null, null) :
        schema.TryGetField(name, out SchemaField? field) ? (field.Schema, field) : (schema.Element, null);

    private static void Retain(JsonMap original, JsonMap patch)
    {
        if (!patch.TryGetValue(RetainKeys, out object? value))
        {
            return;
        }

        if (value is not JsonList keys)
        {
            throw new PatchException(400, "invalid patch format of retainKeys");
        }

        patch.Remove(RetainKeys);
        HashSet<string> retained = [.. keys.Strings()];
        foreach (var (key, member) in patch)
        {
            if (member is not null && !key.StartsWith(ElementOrder, StringComparison.Ordinal) && !key.StartsWith(DeleteFrom, StringComparison.Ordinal) && !retained.Contains(key))
            {
                throw new PatchException(400, "patch content doesn't match retainKeys list");
            }
        }

        foreach (string key in original.Select(m => m.Key).Where(k => !retained.Contains(k)).ToList())
        {
            original.Remove(key);
        }
    }

    private static void ApplyElementOrders(JsonMap original, JsonMap patch, Schema? schema)
    {
        foreach (var (key, value) in patch.Where(m => m.Key.StartsWith(ElementOrder, StringComparison.Ordinal)).ToList())
        {
            patch.Remove(key);
            if (value is not JsonList order)
            {
                throw new PatchException(400, "invalid patch format of setElementOrder list");
            }

            string name = key[ElementOrder.Length..];
            (Schema? inner, SchemaField? field) = Member(schema, name);
            bool merges = field?.PatchMerges == true;
            string? mergeKey = order.Any(o => o is JsonMap) ? field?.PatchMergeKey : null;
            JsonList? live = original.List(name);
            bool patched = patch.TryGetValue(name, out object? sent);
            patch.Remove(name);
            if (patched && sent is null)
            {
                original.Remove(name);
                continue;
            }

            object? delete = null;
            if (patch.TryGetValue(DeleteFrom + name, out delete))
            {
                patch.Remove(DeleteFrom + name);
                DeletePrimitives(original, name, delete);
            }

            JsonList items = sent as JsonList ?? [];
            JsonList merged = live is null ? (JsonList)WithoutDirectives(items)!
                : !patched ? live
                : merges ? MergeLists(new JsonList(live), items, inner?.Element, field!.PatchMergeKey) : items;
            if (live is null && !patched)
            {
                continue;
            }

            original[name] = Order(merged, order, live ?? [], mergeKey);
        }
    }

    private static void DeletePrimitives(JsonMap original, string name, object? value)
    {
        if (value is not JsonList gone)
        {
            throw new PatchException(400, "invalid patch format of primitive list");
        }

        original.List(name)?.RemoveAll(item => gone.Any(g => JsonValue.DeepEquals(g, item)));
    }

    private static JsonList MergeLists(JsonList original, JsonList patch, Schema? element, string? mergeKey)
    {
        if (original.Count == 0 && patch.Count == 0)
        {
            return original;
        }

        if (original.Concat(patch).Any(i => i is not JsonMap))
        {
            if (original.Concat(patch).Any(i => i is JsonMap or JsonList))
            {
                throw new PatchException(422, "the server rejected our request due to an error in our request");
            }

            var merged = new JsonList();
            foreach (object? item in original.Concat(patch))
            {
                if (!merged.Any(m => JsonValue.DeepEquals(m, item)))
                {
                    merged.Add(item);
                }
            }

            return Order(merged, patch, original, null);
        }

        if (string.IsNullOrEmpty(mergeKey))
        {
            throw new PatchException(500, $"cannot merge lists without merge key for {element?.ShortName}");
        }

        var result = new JsonList(original);
        var plain = new List<JsonMap>();
        bool replace = false;
        foreach (JsonMap item in patch.Maps())
        {
            switch (item[Directive])
            {
                case null:
                    plain.Add(item);
                    break;
                case "delete":
                    object? key = item.TryGetValue(mergeKey, out object? k) ? k : throw NoMergeKey(item, mergeKey);
                    result.RemoveAll(o => o is JsonMap map && JsonValue.DeepEquals(map[mergeKey], key));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw new PatchException(500, "merging lists cannot yet be specified in the patch");
                case var other:
                    throw new PatchException(500, $"unknown patch type: {GoText.Of(other)} in map: {GoText.Of(item)}");
            }
        }

        if (replace)
        {
            return new JsonList(plain.Select(p => WithoutDirectives(p)));
        }

        foreach (JsonMap item in plain)
        {
            if (!item.TryGetValue(mergeKey, out object? key))
            {
                throw NoMergeKey(item, mergeKey);
            }

            int at = result.FindIndex(o => o is JsonMap map && JsonValue.DeepEquals(map[mergeKey], key));
            if (at >= 0)
            {
                result[at] = Merge((JsonMap)result[at]!, item, element);
            }
            else
            {
                result.Add(WithoutDirectives(item));
            }
        }

        return Order(result, patch, original, mergeKey);
    }

    /// <summary>Items of the wanted order in that order; the others, in the live list's order, before the first that stands behind them there.</summary>
    private static JsonList Order(JsonList merged, JsonList wanted, JsonList live, string? mergeKey)
    {
        List<object?> own = [.. merged.Where(i => Find(wanted, i, mergeKey) >= 0).OrderBy(i => Find(wanted, i, mergeKey))];
        List<object?> others = [.. merged.Where(i => Find(wanted, i, mergeKey) < 0).OrderBy(i => Find(live, i, mergeKey) is >= 0 and var at ? at : int.MaxValue)];
        var result = new JsonList(merged.Count);
        int left = 0, right = 0;
        while (left < others.Count || right < own.Count)
        {
            bool takeLeft;
            if (left >= others.Count || right >= own.Count)
            {
                takeLeft = right >= own.Count;
            }
            else
            {
                int l = Find(live, others[left], mergeKey), r = Find(live, own[right], mergeKey);
                takeLeft = l >= 0 && r >= 0 && l < r;
            }

            result.Add(takeLeft ? others[left++] : own[right++]);
        }

        return result;
    }

    private static int Find(JsonList list, object? item, string? mergeKey) => mergeKey is null
        ? list.FindIndex(i => JsonValue.DeepEquals(i, item))
        : list.FindIndex(i => i is JsonMap a && item is JsonMap b && JsonValue.DeepEquals(a[mergeKey], b[mergeKey]));

    private static object? WithoutDirectives(object? value)
    {
        switch (value)
        {
            case JsonMap map:
                foreach (string key in map.Where(m => m.Value is null || m.Key.StartsWith('$')).Select(m => m.Key).ToList())
                {
                    if (map[key] is null || key == Directive || key == RetainKeys ||
                        key.StartsWith(ElementOrder, StringComparison.Ordinal) || key.StartsWith(DeleteFrom, StringComparison.Ordinal))
                    {
                        map.Remove(key);
                    }
                }

                for (int i = 0; i < map.Count; i++)
                {
                    WithoutDirectives(map.At(i).Value);
                }

                break;
            case JsonList list:
                list.RemoveAll(i => i is JsonMap map && map.ContainsKey(Directive));
                foreach (object? item in list)
                {
                    WithoutDirectives(item);
                }

                break;
        }

        return value;
    }

    private static PatchException NoMergeKey(JsonMap item, string key) =>
        new(500, string.Create(CultureInfo.InvariantCulture, $"map: {GoText.Of(item)} does not contain declared merge key: {key}"));
}
