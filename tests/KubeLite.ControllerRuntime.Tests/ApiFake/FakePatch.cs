using System.Text.Json.Nodes;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>Patches, near enough: lists of a strategic merge merge by the first of a few keys that their items carry.</summary>
internal static class FakePatch
{
    private static readonly string[] s_keys = ["uid", "type", "name", "key", "ip", "containerPort"];

    internal static JsonObject Apply(JsonObject item, string contentType, JsonNode patch)
    {
        if (contentType.StartsWith("application/json-patch", StringComparison.Ordinal))
        {
            foreach (var operation in patch.AsArray())
            {
                ApplyOne(item, operation!.AsObject());
            }
            return item;
        }
        return (JsonObject)Merge(item, patch, strategic: !contentType.StartsWith("application/merge-patch", StringComparison.Ordinal))!;
    }

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch, bool strategic)
    {
        if (patch is JsonObject changes)
        {
            var merged = target as JsonObject ?? [];
            foreach (var (name, value) in changes)
            {
                if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
                {
                    var field = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
                    merged[field] = new JsonArray([.. (merged[field] as JsonArray ?? [])
                        .Where(i => !value!.AsArray().Any(d => JsonNode.DeepEquals(d, i)))
                        .Select(i => i?.DeepClone())]);
                    continue;
                }
                if (name.StartsWith('$'))
                {
                    continue;
                }
                if (value is null)
                {
                    merged.Remove(name);
                    continue;
                }
                var old = merged[name]?.DeepClone();
                merged[name] = Merge(old, value, strategic && name is not ("taints" or "tolerations"));
            }
            return merged;
        }
        if (strategic && patch is JsonArray items && target is JsonArray list)
        {
            return MergeList(list, items);
        }
        return patch?.DeepClone();
    }

    private static JsonArray MergeList(JsonArray list, JsonArray items)
    {
        var result = (JsonArray)list.DeepClone();
        foreach (var item in items)
        {
            if (item is not JsonObject change)
            {
                if (!result.Any(r => JsonNode.DeepEquals(r, item)))
                {
                    result.Add(item?.DeepClone());
                }
                continue;
            }
            var key = s_keys.FirstOrDefault(change.ContainsKey);
            var match = key is null ? null : result.OfType<JsonObject>().FirstOrDefault(r => JsonNode.DeepEquals(r[key], change[key]));
            if ((string?)change["$patch"] == "delete")
            {
                result.Remove(match);
            }
            else if (match is null)
            {
                result.Add(change.DeepClone());
            }
            else
            {
                var index = result.IndexOf(match);
                result[index] = Merge(match.DeepClone(), change, strategic: true);
            }
        }
        return result;
    }

    private static void ApplyOne(JsonObject item, JsonObject operation)
    {
        var steps = ((string)operation["path"]!).Split('/').Skip(1).Select(s => s.Replace("~1", "/").Replace("~0", "~")).ToArray();
        JsonNode parent = item;
        foreach (var step in steps[..^1])
        {
            parent = (parent is JsonArray a ? a[int.Parse(step)] : parent[step])
                ?? throw new FakeStatusException(422, "Invalid", "no such path");
        }
        var op = (string)operation["op"]!;
        var last = steps[^1];
        var value = operation["value"]?.DeepClone();
        if (op == "test")
        {
            var actual = parent is JsonArray tested ? tested[int.Parse(last)] : parent[last];
            if (!JsonNode.DeepEquals(actual, value))
            {
                throw new FakeStatusException(422, "Invalid", "the test failed");
            }
        }
        else if (parent is JsonArray array)
        {
            if (op is "remove" or "replace")
            {
                array.RemoveAt(int.Parse(last));
            }
            if (op is "add" or "replace")
            {
                array.Insert(last == "-" ? array.Count : int.Parse(last), value);
            }
        }
        else if (op == "remove")
        {
            parent.AsObject().Remove(last);
        }
        else
        {
            parent[last] = value;
        }
    }
}
