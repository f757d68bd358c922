using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>JSON Merge Patch (RFC 7386) as the library that Kubernetes uses carries it out (json-patch v4).</summary>
public static class MergePatch
{
    /// <summary>
    /// The patched copy of a document. Maps that were merged get their members in order of their names, as Go writes them.
    /// </summary>
    /// <exception cref="PatchException">The patch is no object (400).</exception>
    public static JsonMap Apply(JsonMap document, object? patch)
    {
        if (patch is null)
        {
            throw new PatchException(400, "Invalid JSON Patch");
        }

        if (patch is not JsonMap changes)
        {
            throw new PatchException(
                400,
                $"error decoding patch: json: cannot unmarshal {JsonValue.KindName(patch)} into Go value of type map[string]interface {{}}");
        }

        JsonMap result = document.DeepCopy();
        Merge(result, changes);
        return result;
    }

    private static void Merge(JsonMap target, JsonMap patch)
    {
        for (int i = 0; i < patch.Count; i++)
        {
            var (key, value) = patch.At(i);
            if (value is null)
            {
                target.Remove(key);
                continue;
            }

            object? present = target[key];
            if (present is JsonMap inner && value is JsonMap changes)
            {
                Merge(inner, changes);
                continue;
            }

            // A list that takes an object's place keeps the nulls inside it; everywhere else they are dropped from its maps.
            object? copy = JsonValue.DeepCopy(value);
            target[key] = present is JsonMap ? copy : WithoutNulls(copy);
        }

        target.SortMembers();
    }

    private static object? WithoutNulls(object? value)
    {
        switch (value)
        {
            case JsonMap map:
                for (int i = map.Count - 1; i >= 0; i--)
                {
                    var (key, member) = map.At(i);
                    if (member is null)
                    {
                        map.Remove(key);
                    }
                    else
                    {
                        WithoutNulls(member);
                    }
                }

                map.SortMembers();
                break;
            case JsonList list:
                foreach (object? item in list)
                {
                    WithoutNulls(item);
                }

                break;
        }

        return value;
    }
}
