using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>JSON Merge Patch (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>The patched copy of a document.</summary>
    /// <exception cref="PatchException">The patch is no object (400).</exception>
    public static JsonMap Apply(JsonMap document, object? patch)
    {
        if (patch is not JsonMap changes)
        {
            throw new PatchException(400, $"error decoding patch: json: cannot unmarshal {JsonValue.KindName(patch)} into Go value of type map[string]interface {{}}");
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
            }
            else if (value is JsonMap inner)
            {
                Merge(target.MapAt(key), inner);
            }
            else
            {
                target[key] = JsonValue.DeepCopy(value);
            }
        }
    }
}
