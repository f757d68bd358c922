using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>Drops owner references that stand twice in an object, and warns of them (apiserver's handlers/rest.go, v0.36).</summary>
public static class OwnerReferences
{
    /// <summary>Drops them from an object that is written.</summary>
    /// <param name="request">Gets the warning.</param>
    /// <param name="obj">The decoded object.</param>
    /// <param name="admitted">True for a patch, of which only the result is looked at.</param>
    public static void DropDuplicates(ApiRequest request, JsonMap obj, bool admitted)
    {
        if (obj.Map("metadata")?.List("ownerReferences") is not { Count: > 1 } references)
        {
            return;
        }

        var kept = new List<object?>();
        var duplicates = new List<string>();
        foreach (object? reference in references)
        {
            if (kept.Exists(k => JsonValue.DeepEquals(k, reference)))
            {
                duplicates.Add((reference as JsonMap)?.String("uid") ?? "");
            }
            else
            {
                kept.Add(reference);
            }
        }

        if (duplicates.Count == 0)
        {
            return;
        }

        references.Clear();
        references.AddRange(kept);
        request.Warn(
            $".metadata.ownerReferences contains duplicate entries{(admitted ? " after mutating admission happens" : "")}; " +
            "API server dedups owner references in 1.20+, " +
            "and may reject such requests as early as 1.24; please fix your requests; " +
            $"duplicate UID(s) observed: {string.Join(", ", duplicates)}");
    }
}
