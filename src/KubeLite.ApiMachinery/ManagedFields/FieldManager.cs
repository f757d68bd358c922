using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>
/// Keeps <c>metadata.managedFields</c> through creates, updates and patches, and carries out server-side apply
/// (KEP-555; structured-merge-diff v6 and apimachinery's managedfields of Kubernetes v1.36).
/// </summary>
/// <param name="Schema">The description of the kind in the request's version.</param>
/// <param name="ApiVersion">The request's version.</param>
/// <param name="Subresource">The subresource that is written; empty for the object itself.</param>
/// <param name="Ignored">Fields that this endpoint resets, such as status; nobody gets to own them by it. Null for none.</param>
/// <param name="Convert">Brings an object from the request's version to another; null where that version isn't served.</param>
/// <param name="SchemaOf">The description of the kind in another version.</param>
public sealed record FieldManager(
    Schema Schema,
    string ApiVersion,
    string Subresource,
    FieldSet? Ignored,
    Func<JsonMap, string, JsonMap?> Convert,
    Func<string, Schema?> SchemaOf)
{
    private const int MaxUpdateManagers = 10;

    private static readonly FieldSet s_metadata = new FieldSet()
        .With("apiVersion").With("kind").With("metadata").With("metadata", "name").With("metadata", "namespace")
        .With("metadata", "creationTimestamp").With("metadata", "selfLink").With("metadata", "uid").With("metadata", "clusterName")
        .With("metadata", "generation").With("metadata", "managedFields").With("metadata", "resourceVersion");

    private static readonly ManagerKey s_current = new("current-operation", false, "", "");

    /// <summary>
    /// After a create, update or patch: gives the fields that changed to the manager and takes them from others. Both
    /// objects are in the request's version and normalized; <paramref name="after"/> gets its managedFields.
    /// </summary>
    /// <param name="before">The stored object; an empty one of the kind for a create.</param>
    /// <param name="after">The object that will be stored.</param>
    /// <param name="manager">The manager's name.</param>
    /// <param name="now">The time as the API writes it.</param>
    public void Update(JsonMap before, JsonMap after, string manager, string now)
    {
        JsonMap metadata = after.MapAt("metadata");
        ManagedFieldsList managed;
        JsonList? stored = before.Map("metadata")?.List("managedFields");
        try
        {
            JsonList? sent = metadata.List("managedFields");
            if (Subresource.Length == 0 && sent is not null && IsReset(sent))
            {
                managed = [];
            }
            else
            {
                managed = Subresource.Length > 0 || sent is null ? ReadOrNone(stored) : ReadOrNone(sent);
                if (managed.Count == 0)
                {
                    managed = ReadOrNone(stored);
                }
            }
        }
        catch (ManagedFieldsException)
        {
            managed = ReadOrNone(stored);
        }

        metadata.Remove("managedFields");
        JsonMap old = WithoutManaged(before);
        try
        {
            bool creating = old.Map("metadata")?.String("uid") is null;
            // An object that nobody tracked so far stays untracked until it is applied.
            if (managed.Count > 0 || creating)
            {
                Track(old, after, managed, new ManagerKey(manager.Length == 0 ? "unknown" : manager, false, ApiVersion, Subresource), now);
            }
        }
        catch (ManagedFieldsException)
        {
            managed.Clear();
        }

        Write(metadata, managed);
    }

    /// <summary>Carries out a server-side apply.</summary>
    /// <param name="live">The stored object in the request's version; an empty one of the kind where there is none.</param>
    /// <param name="config">The applied configuration, decoded against the schema.</param>
    /// <param name="manager">The manager's name.</param>
    /// <param name="force">True where other managers lose the fields in conflict.</param>
    /// <param name="now">The time as the API writes it.</param>
    /// <returns>The merged object with its managedFields, to be defaulted and normalized; and whether anything but
    /// managedFields changed.</returns>
    /// <exception cref="ApplyConflictException">Fields belong to others and <paramref name="force"/> is false.</exception>
    /// <exception cref="ManagedFieldsException">The configuration or the stored object doesn't fit the schema.</exception>
    public (JsonMap Object, bool Changed) Apply(JsonMap live, JsonMap config, string manager, bool force, string now)
    {
        ManagedFieldsList managed = ManagedFieldsList.Read(live.Map("metadata")?.List("managedFields"));
        JsonMap old = WithoutManaged(live);
        if (managed.Count == 0 && old.Map("metadata")?.String("uid") is not null)
        {
            // What was there before the first apply belongs to a manager of that name.
            Track(EmptyObject(old), old, managed, new ManagerKey("before-first-apply", false, ApiVersion, ""), now);
        }

        var key = new ManagerKey(manager, true, "", Subresource);
        JsonMap merged = FieldMerge.Merge(old, config, Schema);
        ManagedEntry? last = managed.GetValueOrDefault(key);
        FieldSet set = FieldSetBuilder.Of(config, Schema);
        if (Ignored is not null)
        {
            set = set.RecursiveDifference(Ignored);
        }

        managed[key] = new(set, ApiVersion, last?.Time);
        merged = Prune(merged, managed, key, last);
        TakeOver(old, merged, managed, key, force);
        bool creating = old.Map("metadata")?.String("uid") is null, changed = !JsonValue.DeepEquals(old, merged);
        if (managed.TryGetValue(key, out ManagedEntry? own))
        {
            FieldSet kept = own.Fields.Difference(s_metadata);
            if (kept.IsEmpty)
            {
                managed.Remove(key);
            }
            else
            {
                managed[key] = new(kept, ApiVersion, changed || creating ? now : own.Time);
            }
        }

        JsonMap result = merged.DeepCopy();
        Write(result.MapAt("metadata"), managed);
        return (result, changed);
    }

    private void Track(JsonMap before, JsonMap after, ManagedFieldsList managed, ManagerKey manager, string now)
    {
        FieldComparison comparison = TakeOver(before, after, managed, s_current, force: true);
        FieldSet set = comparison.Modified.Union(comparison.Added).Difference(s_metadata);
        if (!set.IsEmpty)
        {
            if (managed.TryGetValue(manager, out ManagedEntry? previous))
            {
                set = set.Union(previous.Fields);
            }

            managed[manager] = new(set, ApiVersion, now);
        }

        Cap(managed);
    }

    /// <summary>Takes what changed from all other managers.</summary>
    private FieldComparison TakeOver(JsonMap before, JsonMap after, ManagedFieldsList managed, ManagerKey self, bool force)
    {
        FieldComparison own = FieldComparison.Of(before, after, Schema).Without(Ignored);
        if (managed.Count == 0)
        {
            return own;
        }

        var byVersion = new Dictionary<string, FieldComparison?>(StringComparer.Ordinal) { [ApiVersion] = own };
        var conflicts = new List<(ManagerKey Manager, FieldSet Fields)>();
        var removed = new List<(ManagerKey Manager, FieldSet Fields)>();
        foreach (ManagerKey key in managed.Keys.ToList())
        {
            if (key == self)
            {
                continue;
            }

            ManagedEntry entry = managed[key];
            if (!byVersion.TryGetValue(entry.ApiVersion, out FieldComparison? comparison))
            {
                byVersion[entry.ApiVersion] = comparison = InVersion(before, after, entry.ApiVersion)?.Without(Ignored);
            }

            if (comparison is null)
            {
                managed.Remove(key);
                continue;
            }

            FieldSet taken = entry.Fields.Intersection(comparison.Modified.Union(comparison.Added));
            if (!taken.IsEmpty)
            {
                conflicts.Add((key, taken));
            }

            if (!comparison.Removed.IsEmpty)
            {
                removed.Add((key, comparison.Removed));
            }
        }

        if (!force && conflicts.Count > 0)
        {
            throw new ApplyConflictException([.. conflicts.OrderBy(c => c.Manager.Manager, StringComparer.Ordinal)]);
        }

        foreach ((ManagerKey key, FieldSet fields) in conflicts.Concat(removed))
        {
            managed[key] = managed[key] with { Fields = managed[key].Fields.Difference(fields) };
        }

        foreach (ManagerKey key in managed.Keys.ToList())
        {
            if (managed[key].Fields.IsEmpty)
            {
                managed.Remove(key);
            }
        }

        return own;
    }

    private FieldComparison? InVersion(JsonMap before, JsonMap after, string version) =>
        SchemaOf(version) is { } schema && Convert(before, version) is { } b && Convert(after, version) is { } a
            ? FieldComparison.Of(b, a, schema)
            : null;

    /// <summary>Takes out what the manager applied last time, doesn't apply now, and nobody else owns.</summary>
    private JsonMap Prune(JsonMap merged, ManagedFieldsList managed, ManagerKey self, ManagedEntry? last)
    {
        if (last is null || last.Fields.IsEmpty)
        {
            return merged;
        }

        string version = last.ApiVersion;
        Schema? schema = version == ApiVersion ? Schema : SchemaOf(version);
        JsonMap? converted = version == ApiVersion ? merged : Convert(merged, version);
        if (schema is null || converted is null)
        {
            return merged;
        }

        FieldSet lastNamed = last.Fields.WithNamedFields(schema);
        JsonMap pruned = FieldRemoval.Remove(converted, lastNamed, schema);

        // Back comes what anyone owns.
        var owned = new FieldSet();
        foreach (ManagedEntry entry in managed.Values)
        {
            if (entry.ApiVersion == version || SchemaOf(entry.ApiVersion) is not null)
            {
                owned = owned.Union(entry.Fields);
            }
        }

        FieldSet all = FieldSetBuilder.Of(converted, schema).WithNamedFields(schema);
        FieldSet left = FieldSetBuilder.Of(pruned, schema).WithNamedFields(schema);
        pruned = FieldRemoval.Remove(converted, all.Difference(left.Union(owned.WithNamedFields(schema))), schema);

        // Back comes, too, what the manager never owned.
        left = FieldSetBuilder.Of(pruned, schema).WithNamedFields(schema);
        pruned = FieldRemoval.Remove(converted, all.Difference(left).Intersection(lastNamed), schema);
        if (version == ApiVersion)
        {
            return pruned;
        }

        return Convert(pruned, ApiVersion) ?? merged;
    }

    /// <summary>Merges the oldest Update entries of a version into one when there are more than ten.</summary>
    private static void Cap(ManagedFieldsList managed)
    {
        if (managed.Count <= MaxUpdateManagers)
        {
            return;
        }

        List<ManagerKey> updaters = [.. managed.Where(m => !m.Key.Applied).OrderBy(m => m.Value.Time ?? "", StringComparer.Ordinal)
            .ThenBy(m => m.Key.Manager, StringComparer.Ordinal).Select(m => m.Key)];
        int count = updaters.Count;
        var firsts = new Dictionary<string, ManagerKey>(StringComparer.Ordinal);
        for (int i = 0; i < updaters.Count && count > MaxUpdateManagers; i++)
        {
            ManagerKey key = updaters[i];
            ManagedEntry entry = managed[key];
            if (!firsts.TryGetValue(entry.ApiVersion, out ManagerKey first))
            {
                firsts[entry.ApiVersion] = key;
                continue;
            }

            var bucket = new ManagerKey("ancient-changes", false, entry.ApiVersion, "");
            if (!managed.ContainsKey(bucket))
            {
                managed[bucket] = managed[first];
                managed.Remove(first);
            }

            managed[bucket] = new(entry.Fields.Union(managed[bucket].Fields), entry.ApiVersion, entry.Time);
            managed.Remove(key);
            count--;
        }
    }

    private JsonMap EmptyObject(JsonMap like)
    {
        var empty = new JsonMap { { "kind", like["kind"] }, { "apiVersion", like["apiVersion"] } };
        if (!Schema.PreserveUnknown)
        {
            Decoding.Normalizer.Normalize(empty, Schema);
        }

        return empty;
    }

    private static ManagedFieldsList ReadOrNone(JsonList? entries)
    {
        try
        {
            return ManagedFieldsList.Read(entries);
        }
        catch (ManagedFieldsException)
        {
            return [];
        }
    }

    private static bool IsReset(JsonList entries) => entries.Count == 0 || entries is [JsonMap { Count: 0 }];

    private static JsonMap WithoutManaged(JsonMap value)
    {
        if (value.Map("metadata") is not { } metadata || !metadata.ContainsKey("managedFields"))
        {
            return value;
        }

        // A shallow copy: only the metadata differs.
        var copy = new JsonMap(value.Count);
        foreach (var (key, member) in value)
        {
            if (key != "metadata")
            {
                copy.Append(key, member);
                continue;
            }

            var bare = new JsonMap(metadata.Count);
            foreach (var (name, field) in metadata)
            {
                if (name != "managedFields")
                {
                    bare.Append(name, field);
                }
            }

            copy.Append(key, bare);
        }

        return copy;
    }

    private static void Write(JsonMap metadata, ManagedFieldsList managed)
    {
        if (managed.ToJson() is { } entries)
        {
            metadata["managedFields"] = entries;
        }
        else
        {
            metadata.Remove("managedFields");
        }
    }
}
