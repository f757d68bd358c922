using System.Globalization;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>JSON Patch (RFC 6902) as Kubernetes' library carries it out: removing what isn't there is an error.</summary>
public static class JsonPatch
{
    /// <summary>The most operations a patch may have.</summary>
    public const int MaxOperations = 10000;

    private const string NotApplicable = "the server rejected our request due to an error in our request";

    /// <summary>The patched copy of a document.</summary>
    /// <exception cref="PatchException">The patch is malformed (400), too long (413) or doesn't apply (422).</exception>
    public static object? Apply(object? document, object? patch)
    {
        if (patch is not JsonList operations)
        {
            throw new PatchException(400, $"error decoding patch: json: cannot unmarshal {JsonValue.KindName(patch)} into Go value of type []handlers.jsonPatchOp");
        }

        if (operations.Count > MaxOperations)
        {
            throw new PatchException(413, string.Create(CultureInfo.InvariantCulture, $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}"));
        }

        object? result = JsonValue.DeepCopy(document);
        foreach (object? item in operations)
        {
            if (item is not JsonMap operation)
            {
                throw new PatchException(400, $"error decoding patch: json: cannot unmarshal {JsonValue.KindName(item)} into Go value of type handlers.jsonPatchOp");
            }

            Step(ref result, operation);
        }

        return result;
    }

    private static void Step(ref object? document, JsonMap operation)
    {
        string[] path = Pointer(operation.String("path"));
        switch (operation.String("op"))
        {
            case "add":
                Add(ref document, path, JsonValue.DeepCopy(operation["value"]));
                break;
            case "remove":
                Remove(ref document, path);
                break;
            case "replace":
                Get(document, path);
                Set(ref document, path, JsonValue.DeepCopy(operation["value"]));
                break;
            case "move":
                string[] from = Pointer(operation.String("from"));
                object? moved = Get(document, from);
                Remove(ref document, from);
                Add(ref document, path, moved);
                break;
            case "copy":
                Add(ref document, path, JsonValue.DeepCopy(Get(document, Pointer(operation.String("from")))));
                break;
            case "test":
                object? actual;
                try
                {
                    actual = Get(document, path);
                }
                catch (PatchException) when (operation["value"] is null)
                {
                    break;
                }

                if (!JsonValue.DeepEquals(actual, operation["value"]))
                {
                    throw Inapplicable();
                }

                break;
            default:
                throw Inapplicable();
        }
    }

    private static string[] Pointer(string? pointer)
    {
        if (pointer is null || (pointer.Length > 0 && pointer[0] != '/'))
        {
            throw Inapplicable();
        }

        return pointer.Length == 0
            ? []
            : [.. pointer[1..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static object? Get(object? document, ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            document = document switch
            {
                JsonMap map when map.TryGetValue(step, out object? member) => member,
                JsonList list when Index(list, step, list.Count - 1) is var i => list[i],
                _ => throw Inapplicable(),
            };
        }

        return document;
    }

    private static void Add(ref object? document, ReadOnlySpan<string> path, object? value)
    {
        if (path.Length == 0)
        {
            document = value;
            return;
        }

        switch (Get(document, path[..^1]))
        {
            case JsonMap map:
                map[path[^1]] = value;
                break;
            case JsonList list:
                list.Insert(path[^1] == "-" ? list.Count : Index(list, path[^1], list.Count), value);
                break;
            default:
                throw Inapplicable();
        }
    }

    private static void Set(ref object? document, ReadOnlySpan<string> path, object? value)
    {
        if (path.Length == 0)
        {
            document = value;
            return;
        }

        switch (Get(document, path[..^1]))
        {
            case JsonMap map:
                map[path[^1]] = value;
                break;
            case JsonList list:
                list[Index(list, path[^1], list.Count - 1)] = value;
                break;
        }
    }

    private static void Remove(ref object? document, ReadOnlySpan<string> path)
    {
        if (path.Length == 0)
        {
            document = null;
            return;
        }

        switch (Get(document, path[..^1]))
        {
            case JsonMap map when map.Remove(path[^1]):
                break;
            case JsonList list:
                list.RemoveAt(Index(list, path[^1], list.Count - 1));
                break;
            default:
                throw Inapplicable();
        }
    }

    private static int Index(JsonList list, string step, int max)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
        {
            throw Inapplicable();
        }

        if (index < 0)
        {
            index += list.Count;
        }

        return index >= 0 && index <= max ? index : throw Inapplicable();
    }

    private static PatchException Inapplicable() => new(422, NotApplicable);
}
