using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>How strategic merge patch merges and orders lists (apimachinery's strategicpatch, v0.36).</summary>
internal static class StrategicLists
{
    /// <summary>
    /// Merges every list that has a <c>$setElementOrder</c>, and brings it into that order; both are taken out of the patch.
    /// </summary>
    public static void ApplyElementOrders(JsonMap original, JsonMap patch, Schema? schema)
    {
        foreach (var (key, value) in patch.ToList())
        {
            if (!key.StartsWith(StrategicMergePatch.ElementOrder, StringComparison.Ordinal))
            {
                continue;
            }

            patch.Remove(key);
            JsonList order = value as JsonList ?? throw StrategicErrors.Expected<JsonList>(value);
            string name = StrategicMergePatch.NameBehind(
                key, StrategicMergePatch.ElementOrder, "invalid patch format of setElementOrder list");
            JsonList? live = Take(original, name), sent = Take(patch, name);
            SchemaField field = StrategicErrors.ListField(schema, name);
            string mergeKey = field.PatchMergeKey ?? "";
            CheckOrder(sent ?? [], order, mergeKey);
            if (live is null && sent is null)
            {
                continue;
            }

            JsonList merged;
            if (live is null)
            {
                StrategicMergePatch.DropDirectives(sent);
                merged = sent!;
            }
            else
            {
                merged = sent is null ? live : field.PatchMerges ? Merge(live, sent, field, delete: false) : sent;
            }

            original[name] = Order(merged, order, live ?? [], mergeKey, ItemType(live ?? [], sent ?? []));
            patch.Remove(name);
        }
    }

    /// <summary>Merges a list of a patch into a live one, or deletes the scalars that it names.</summary>
    public static JsonList Merge(JsonList live, JsonList sent, SchemaField field, bool delete)
    {
        if (live.Count == 0 && sent.Count == 0)
        {
            return live;
        }

        string mergeKey = field.PatchMergeKey ?? "";
        Type type = ItemType(live, sent);
        JsonList merged;
        if (type != typeof(JsonMap))
        {
            if (delete)
            {
                return new JsonList(live.Where(item => !sent.Any(gone => JsonValue.DeepEquals(gone, item))));
            }

            merged = [];
            foreach (object? item in live.Concat(sent))
            {
                if (!merged.Any(m => JsonValue.DeepEquals(m, item)))
                {
                    merged.Add(item);
                }
            }
        }
        else
        {
            if (mergeKey.Length == 0)
            {
                throw new PatchException(500, $"cannot merge lists without merge key for {StrategicErrors.GoKind(field.Schema.Element)}");
            }

            (live, sent) = Direct(live, sent, mergeKey);
            merged = MergeItems(live, sent, mergeKey, field.Schema.Element);
        }

        return Order(merged, sent, live, mergeKey, type);
    }

    private static JsonList? Take(JsonMap map, string name) =>
        !map.TryGetValue(name, out object? value) ? null : value as JsonList ?? throw StrategicErrors.Expected<JsonList>(value);

    /// <summary>The items that a patch sends must stand in the order that it wants.</summary>
    private static void CheckOrder(JsonList sent, JsonList order, string mergeKey)
    {
        if (order.Count == 0 || sent.Count == 0)
        {
            return;
        }

        var kept = new List<object?>();
        foreach (object? item in sent)
        {
            if (mergeKey.Length > 0 && item is not JsonMap)
            {
                throw StrategicErrors.Expected<JsonMap>(item);
            }

            if (item is not JsonMap map || !map.ContainsKey(StrategicMergePatch.Directive))
            {
                kept.Add(item);
            }
        }

        int next = 0;
        for (int at = 0; next < kept.Count && at < order.Count; at++)
        {
            if (SameItem(kept[next], order[at], mergeKey))
            {
                next++;
            }
        }

        if (next < kept.Count)
        {
            throw new PatchException(
                500,
                $"The order in patch list:\n{GoText.Of(sent)}\n doesn't match {StrategicMergePatch.ElementOrder} list:\n{GoText.Of(order)}\n");
        }
    }

    private static bool SameItem(object? left, object? right, string mergeKey)
    {
        if (mergeKey.Length == 0)
        {
            return JsonValue.DeepEquals(left, right);
        }

        JsonMap a = left as JsonMap ?? throw StrategicErrors.Expected<JsonMap>(left);
        JsonMap b = right as JsonMap ?? throw StrategicErrors.Expected<JsonMap>(right);
        return JsonValue.DeepEquals(Key(a, mergeKey), Key(b, mergeKey));
    }

    /// <summary>The one type that all items have.</summary>
    private static Type ItemType(JsonList live, JsonList sent)
    {
        Type? type = null;
        foreach (object? item in live.Concat(sent))
        {
            if (type is null)
            {
                type = item is null or JsonList ? throw new PatchException(422, PatchException.NotApplicable) : item.GetType();
            }
            else if (type != item?.GetType())
            {
                throw new PatchException(500, $"list element types are not identical: [{GoText.Of(live)} {GoText.Of(sent)}]");
            }
        }

        return type ?? throw new PatchException(500, "no elements in any of the given slices");
    }

    /// <summary>Carries out the directives among a patch's items.</summary>
    /// <returns>The live list and the items without a directive; the latter alone where one of them says to replace.</returns>
    private static (JsonList Live, JsonList Sent) Direct(JsonList live, JsonList sent, string mergeKey)
    {
        var kept = new JsonList(live);
        var plain = new JsonList();
        bool replace = false;
        foreach (JsonMap item in sent.Maps())
        {
            if (!item.TryGetValue(StrategicMergePatch.Directive, out object? directive))
            {
                plain.Add(item);
                continue;
            }

            switch (directive)
            {
                case "delete":
                    object? key = Key(item, mergeKey);
                    kept.RemoveAll(o => o is JsonMap map && map.TryGetValue(mergeKey, out object? own) && JsonValue.DeepEquals(own, key));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw new PatchException(500, "merging lists cannot yet be specified in the patch");
                default:
                    throw StrategicErrors.UnknownDirective(directive, item);
            }
        }

        return replace ? (plain, []) : (kept, plain);
    }

    private static JsonList MergeItems(JsonList live, JsonList sent, string mergeKey, Schema? element)
    {
        var merged = new JsonList(live);
        foreach (JsonMap item in sent.Maps())
        {
            object? key = Key(item, mergeKey);
            int at = merged.FindIndex(
                o => o is JsonMap map && map.TryGetValue(mergeKey, out object? own) && JsonValue.DeepEquals(own, key));
            if (at < 0)
            {
                merged.Add(item);
            }
            else
            {
                merged[at] = StrategicMergePatch.Merge((JsonMap)merged[at]!, item, element);
            }
        }

        return merged;
    }

    /// <summary>
    /// Items of the wanted order in that order; the others, in the live list's order, before the first that stands behind them there.
    /// </summary>
    private static JsonList Order(JsonList merged, JsonList wanted, JsonList live, string mergeKey, Type type)
    {
        List<object?> own = [], others = [];
        foreach (object? item in merged)
        {
            if (mergeKey.Length > 0)
            {
                Key(item as JsonMap ?? throw StrategicErrors.Expected<JsonMap>(item), mergeKey);
            }

            (Find(wanted, item, mergeKey) >= 0 ? own : others).Add(item);
        }

        if (type == typeof(JsonMap))
        {
            RequireKeys(wanted, mergeKey);
            RequireKeys(live, mergeKey);
        }

        Sort(own, wanted, mergeKey);
        Sort(others, live, mergeKey);
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

    private static void RequireKeys(JsonList list, string mergeKey)
    {
        foreach (object? item in list)
        {
            Key(item as JsonMap ?? throw StrategicErrors.Expected<JsonMap>(item), mergeKey);
        }
    }

    /// <summary>Sorts by insertion, as Go does for short lists: an item that the order doesn't know comes before those before it.</summary>
    private static void Sort(List<object?> items, JsonList order, string mergeKey)
    {
        for (int i = 1; i < items.Count; i++)
        {
            for (int j = i; j > 0 && Before(items[j], items[j - 1]); j--)
            {
                (items[j], items[j - 1]) = (items[j - 1], items[j]);
            }
        }

        bool Before(object? a, object? b)
        {
            int left = Find(order, a, mergeKey), right = Find(order, b, mergeKey);
            return left < 0 || right < 0 || left < right;
        }
    }

    private static int Find(JsonList list, object? item, string mergeKey) => mergeKey.Length == 0
        ? list.FindIndex(i => JsonValue.DeepEquals(i, item))
        : list.FindIndex(i => i is JsonMap a && item is JsonMap b && JsonValue.DeepEquals(a[mergeKey], b[mergeKey]));

    private static object? Key(JsonMap item, string mergeKey) => item.TryGetValue(mergeKey, out object? key)
        ? key
        : throw new PatchException(500, $"map: {GoText.Of(item)} does not contain declared merge key: {mergeKey}");
}
