using System.Globalization;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>
/// JSON Patch (RFC 6902) as the library that Kubernetes uses carries it out (json-patch v4), which isn't the RFC to the
/// letter: a null member counts as absent, <c>replace</c> sets a member that isn't there, indices may count from the end,
/// and the whole document can be replaced and tested but neither added, removed, copied nor moved.
/// </summary>
public static class JsonPatch
{
    /// <summary>The most operations a patch may have.</summary>
    public const int MaxOperations = 10000;

    private static readonly string[] s_members = ["op", "path", "from", "value"];

    /// <summary>Refuses what is no list of operations, as decoding it does.</summary>
    /// <param name="patch">The parsed patch.</param>
    /// <param name="unknown">Gets the paths of members that no operation has.</param>
    /// <exception cref="PatchException">400 or 413.</exception>
    public static void Check(object? patch, List<string> unknown)
    {
        if (patch is null)
        {
            return;
        }

        if (patch is not JsonList operations)
        {
            throw Malformed(patch, "value of type []handlers.jsonPatchOp");
        }

        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not (JsonMap or null))
            {
                throw Malformed(operations[i], "value of type handlers.jsonPatchOp");
            }

            foreach (var (name, value) in operations[i] as JsonMap ?? [])
            {
                if (!s_members.Contains(name))
                {
                    unknown.Add(string.Create(CultureInfo.InvariantCulture, $"[{i}].{name}"));
                }
                else if (name != "value" && value is not (string or null))
                {
                    throw Malformed(value, $"struct field jsonPatchOp.{name} of type string");
                }
            }
        }

        if (operations.Count > MaxOperations)
        {
            throw new PatchException(
                413,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}"));
        }
    }

    /// <summary>
    /// The patched copy of a document. Maps on the way of an operation get their members in order of their names, as Go writes them.
    /// </summary>
    /// <exception cref="PatchException">The patch is malformed (400), too long (413) or doesn't apply (422).</exception>
    public static object? Apply(object? document, object? patch)
    {
        Check(patch, []);
        object? result = JsonValue.DeepCopy(document);
        var walked = new HashSet<JsonMap>(ReferenceEqualityComparer.Instance);
        Note(result, walked);
        foreach (object? operation in patch as JsonList ?? [])
        {
            Step(ref result, operation as JsonMap ?? [], walked);
        }

        foreach (JsonMap map in walked)
        {
            map.SortMembers();
        }

        return result;
    }

    private static void Step(ref object? document, JsonMap operation, HashSet<JsonMap> walked)
    {
        string path = Pointer(operation, "path");
        switch (operation.String("op"))
        {
            case "add":
                Add(document, path, JsonValue.DeepCopy(operation["value"]), walked);
                break;
            case "remove":
                Remove(document, path, walked);
                break;
            case "replace" when path.Length == 0:
                document = operation["value"] is JsonMap or JsonList ? JsonValue.DeepCopy(operation["value"]) : throw Inapplicable();
                Note(document, walked);
                break;
            case "replace":
                Replace(document, path, JsonValue.DeepCopy(operation["value"]), walked);
                break;
            case "move":
                string from = Pointer(operation, "from");
                object? moved = Get(document, from, walked);
                Remove(document, from, walked);
                Add(document, path, moved, walked);
                break;
            case "copy":
                Add(document, path, JsonValue.DeepCopy(Get(document, Pointer(operation, "from"), walked)), walked);
                break;
            case "test":
                if (!JsonValue.DeepEquals(path.Length == 0 ? document : Get(document, path, walked), operation["value"]))
                {
                    throw Inapplicable();
                }

                break;
            default:
                throw Inapplicable();
        }
    }

    private static string Pointer(JsonMap operation, string member) => operation.String(member) ?? throw Inapplicable();

    /// <summary>The map or list that a pointer leads into, and the last step. What stands before the first slash isn't looked at.</summary>
    private static (object Container, string Key) Find(object? document, string path, HashSet<JsonMap> walked)
    {
        string[] steps = path.Split('/');
        if (steps.Length < 2)
        {
            throw Inapplicable();
        }

        object? at = document;
        foreach (string step in steps.AsSpan(1, steps.Length - 2))
        {
            at = Member(at, Unescape(step));
            Note(at, walked);
        }

        return (at is JsonMap or JsonList ? at : throw Inapplicable(), Unescape(steps[^1]));
    }

    private static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static void Note(object? value, HashSet<JsonMap> walked)
    {
        if (value is JsonMap map)
        {
            walked.Add(map);
        }
    }

    private static object? Member(object? container, string key) => container switch
    {
        JsonMap map => map[key],
        JsonList list => list[Index(key, list.Count)],
        _ => throw Inapplicable(),
    };

    private static object? Get(object? document, string path, HashSet<JsonMap> walked)
    {
        (object container, string key) = Find(document, path, walked);
        return Member(container, key);
    }

    private static void Add(object? document, string path, object? value, HashSet<JsonMap> walked)
    {
        (object container, string key) = Find(document, path, walked);
        if (container is JsonMap map)
        {
            map[key] = value;
            return;
        }

        var list = (JsonList)container;
        list.Insert(key == "-" ? list.Count : Index(key, list.Count + 1), value);
    }

    private static void Replace(object? document, string path, object? value, HashSet<JsonMap> walked)
    {
        (object container, string key) = Find(document, path, walked);
        if (container is JsonMap map)
        {
            map[key] = value;
            return;
        }

        var list = (JsonList)container;
        list[Index(key, list.Count)] = value;
    }

    private static void Remove(object? document, string path, HashSet<JsonMap> walked)
    {
        (object container, string key) = Find(document, path, walked);
        if (container is JsonList list)
        {
            list.RemoveAt(Index(key, list.Count));
        }
        else if (!((JsonMap)container).Remove(key))
        {
            throw Inapplicable();
        }
    }

    /// <summary>A position among <paramref name="count"/> of them; one below zero counts from the end.</summary>
    private static int Index(string step, int count)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
        {
            throw Inapplicable();
        }

        index += index < 0 ? count : 0;
        return index >= 0 && index < count ? index : throw Inapplicable();
    }

    private static PatchException Malformed(object? value, string wanted) =>
        new(400, $"error decoding patch: json: cannot unmarshal {JsonValue.KindName(value)} into Go {wanted}");

    private static PatchException Inapplicable() => new(422, PatchException.NotApplicable);
}
