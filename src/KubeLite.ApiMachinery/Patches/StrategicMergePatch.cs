using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that merges lists by their items' keys, with the directives <c>$patch</c>,
/// <c>$retainKeys</c>, <c>$setElementOrder</c> and <c>$deleteFromPrimitiveList</c> (apimachinery's strategicpatch, v0.36).
/// Lists are merged by <see cref="StrategicLists"/>.
/// </summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string ElementOrder = "$setElementOrder";
    internal const string DeleteFrom = "$deleteFromPrimitiveList";

    /// <summary>The patched copy of a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="patch">The patch; it is used up: afterwards it holds what Kubernetes shows of it in errors.</param>
    /// <param name="schema">What the document is.</param>
    /// <exception cref="PatchException">The patch is malformed; the code is Kubernetes'.</exception>
    public static JsonMap Apply(JsonMap document, JsonMap patch, Schema schema) => Merge(document.DeepCopy(), patch, schema);

    internal static JsonMap Merge(JsonMap original, JsonMap patch, Schema? schema)
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
                default:
                    throw StrategicErrors.UnknownDirective(directive, patch);
            }
        }

        Retain(original, patch);
        StrategicLists.ApplyElementOrders(original, patch, schema);
        foreach (var (key, value) in patch.ToList())
        {
            bool delete = key.StartsWith(DeleteFrom, StringComparison.Ordinal);
            string name = delete ? NameBehind(key, DeleteFrom, "invalid patch format of primitive list") : key;
            if (value is null)
            {
                original.Remove(name);
            }
            else if (!original.TryGetValue(name, out object? present) || present?.GetType() != value.GetType())
            {
                if (!delete)
                {
                    WithoutNulls(value);
                    SetWithoutDirectives(original, name, value);
                }
            }
            else
            {
                MergeMember(original, name, present, value, schema, delete);
            }
        }

        return original;
    }

    /// <summary>What stands behind a directive's slash.</summary>
    internal static string NameBehind(string key, string directive, string fault) =>
        key.Length > directive.Length && key[directive.Length] == '/'
            ? key[(directive.Length + 1)..]
            : throw new PatchException(400, fault);

    /// <summary>Takes maps with a directive out of a value that takes nothing's place; false where it is such a map itself.</summary>
    internal static bool DropDirectives(object? value)
    {
        switch (value)
        {
            case JsonMap map when map.ContainsKey(Directive):
                return false;
            case JsonMap map:
                foreach (var (key, member) in map.ToList())
                {
                    if (!DropDirectives(member))
                    {
                        map.Remove(key);
                    }
                }

                return true;
            case JsonList list:
                list.RemoveAll(i => !DropDirectives(i));
                return true;
            default:
                return true;
        }
    }

    private static void MergeMember(JsonMap original, string name, object? present, object value, Schema? schema, bool delete)
    {
        switch (present, value)
        {
            case (JsonMap into, JsonMap changes):
                SchemaField field = StrategicErrors.Field(schema, name);
                original[name] = field.PatchReplaces ? changes : Merge(into, changes, field.Schema);
                break;
            case (JsonList live, JsonList sent):
                SchemaField list = StrategicErrors.ListField(schema, name);
                original[name] = list.PatchMerges || delete ? StrategicLists.Merge(live, sent, list, delete) : sent;
                break;
            default:
                SetWithoutDirectives(original, name, value);
                break;
        }
    }

    private static void SetWithoutDirectives(JsonMap original, string name, object? value)
    {
        if (DropDirectives(value))
        {
            original[name] = value;
        }
        else
        {
            original.Remove(name);
        }
    }

    private static void WithoutNulls(object? value)
    {
        foreach (var (key, member) in (value as JsonMap)?.ToList() ?? [])
        {
            if (member is null)
            {
                ((JsonMap)value!).Remove(key);
            }
            else
            {
                WithoutNulls(member);
            }
        }

        foreach (object? item in value as JsonList ?? [])
        {
            WithoutNulls(item);
        }
    }

    private static void Retain(JsonMap original, JsonMap patch)
    {
        const string Fault = "invalid patch format of retainKeys";
        if (!patch.TryGetValue(RetainKeys, out object? value))
        {
            return;
        }

        patch.Remove(RetainKeys);
        HashSet<string> retained = [.. (value as JsonList ?? throw new PatchException(400, Fault)).Strings()];
        foreach (var (key, member) in patch)
        {
            if (member is not null && !retained.Contains(key) &&
                !key.StartsWith(ElementOrder, StringComparison.Ordinal) && !key.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                throw new PatchException(400, Fault);
            }
        }

        foreach (var (key, _) in original.ToList())
        {
            if (!retained.Contains(key))
            {
                original.Remove(key);
            }
        }
    }
}
