using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>Makes the strategic merge patch between two objects, as kubectl does.</summary>
internal static class StrategicPatchMaker
{
    /// <summary>The patch that makes one object of another.</summary>
    public static JsonMap Make(JsonMap from, JsonMap to, Schema? schema)
    {
        var patch = new JsonMap();
        foreach (var (name, before) in from)
        {
            if (!to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, after) in to)
        {
            if (!from.TryGetValue(name, out object? before))
            {
                patch[name] = JsonValue.DeepCopy(after);
            }
            else if (!JsonValue.DeepEquals(before, after))
            {
                Member(patch, name, before, after, schema?.Kind == ValueKind.Map ? null : schema?.Field(name), schema);
            }
        }

        return patch;
    }

    private static void Member(JsonMap patch, string name, object? before, object? after, SchemaField? field, Schema? owner)
    {
        Schema? schema = field?.Schema ?? (owner?.Kind == ValueKind.Map ? owner.Element : null);
        if (before is JsonMap one && after is JsonMap other)
        {
            if (field?.PatchReplaces == true || !CanMergeInside(schema))
            {
                JsonMap whole = other.DeepCopy();
                whole["$patch"] = "replace";
                patch[name] = whole;
                return;
            }

            JsonMap inner = Make(one, other, schema);
            if (field?.PatchRetainsKeys == true)
            {
                inner["$retainKeys"] = new JsonList(other.Select(m => (object?)m.Key));
            }

            patch[name] = inner;
        }
        else if (before is JsonList old && after is JsonList now && field?.PatchMerges == true)
        {
            List(patch, name, old, now, field);
        }
        else
        {
            patch[name] = JsonValue.DeepCopy(after);
        }
    }

    /// <summary>False where Kubernetes knows of no fields inside: maps of anything but scalars, and what it has no type for.</summary>
    private static bool CanMergeInside(Schema? schema) => schema?.Kind switch
    {
        ValueKind.Map => schema.Element!.Kind is not (ValueKind.Map or ValueKind.List or ValueKind.Object or ValueKind.Any),
        ValueKind.Object => true,
        _ => false,
    };

    private static void List(JsonMap patch, string name, JsonList old, JsonList now, SchemaField field)
    {
        if (field.PatchMergeKey is not { } key)
        {
            JsonList gone = new(old.Where(o => !now.Contains(o))), added = new(now.Where(n => !old.Contains(n)));
            if (gone.Count > 0)
            {
                patch["$deleteFromPrimitiveList/" + name] = gone;
            }

            if (added.Count > 0)
            {
                patch[name] = added;
            }

            patch["$setElementOrder/" + name] = new JsonList(now);
            return;
        }

        var items = new JsonList();
        foreach (JsonMap item in now.Maps())
        {
            JsonMap? same = old.Maps().FirstOrDefault(o => JsonValue.DeepEquals(o[key], item[key]));
            JsonMap change = same is null ? item.DeepCopy() : Make(same, item, field.Schema.Element);
            if (change.Count > 0)
            {
                change[key] = item[key];
                if (field.PatchRetainsKeys && same is not null)
                {
                    change["$retainKeys"] = new JsonList(item.Select(m => (object?)m.Key));
                }

                items.Add(change);
            }
        }

        foreach (JsonMap item in old.Maps().Where(o => !now.Maps().Any(n => JsonValue.DeepEquals(n[key], o[key]))))
        {
            items.Add(new JsonMap { { key, item[key] }, { "$patch", "delete" } });
        }

        patch[name] = items;
        patch["$setElementOrder/" + name] = new JsonList(now.Maps().Select(n => (object?)new JsonMap { { key, n[key] } }));
    }
}
