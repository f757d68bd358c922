using System.Globalization;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Admission;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// Creates, changes and deletes the objects of any resource: admission, preparation, validation and the conditional write
/// (apiserver's <c>registry/generic/registry/store.go</c> of v1.36). Safe for use from many threads.
/// </summary>
public sealed class ObjectStore(IKeyValueStore store, ResourceRegistry registry, ObjectCodec codec, AdmissionChain admission)
{
    private const int MaxGenerateAttempts = 8;
    private const int MaxUpdateAttempts = 20;

    // Keeps the place of the revision that the write will have.
    private const string UnknownRevision = "0";

    /// <summary>Creates an object.</summary>
    /// <param name="context">The write.</param>
    /// <param name="value">The object in the request's version, decoded and defaulted, its managed fields set; it is used up.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The object as it was stored; of a dry run as it would have been.</returns>
    /// <exception cref="ApiException">It is refused.</exception>
    public async Task<WrittenObject> CreateAsync(WriteContext context, JsonMap value, CancellationToken cancellationToken)
    {
        ResourceDefinition resource = context.Resource;
        for (int attempt = 1; ; attempt++)
        {
            JsonMap obj = value, metadata = obj.MapAt("metadata");
            string prefix = metadata.String("generateName") ?? "";
            bool generated = prefix.Length > 0 && (metadata.String("name") ?? "").Length == 0;
            if (generated)
            {
                // What is sent is needed again where the name turns out to be taken.
                obj = value.DeepCopy();
                metadata = obj.MapAt("metadata");
                metadata["name"] = ObjectNames.Generate(prefix);
            }

            WriteContext named = context with { Name = metadata.String("name") ?? "" };
            obj = await PrepareCreateAsync(named, obj, cancellationToken);
            metadata = obj.MapAt("metadata");
            if (metadata.String("resourceVersion") is { Length: > 0 })
            {
                throw ApiException.Bare("resourceVersion should not be set on objects to be created");
            }

            string name = metadata.String("name")!;
            if (context.DryRun)
            {
                if (await GetStoredAsync(resource, context.Namespace, name, cancellationToken) is not null)
                {
                    throw ApiException.AlreadyExists(resource.Group, resource.Name, name);
                }

                await resource.Strategy.AllocateAsync(named, obj, null, cancellationToken);
                Normalizer.Normalize(obj, resource.StorageSchema);
                await resource.Strategy.ReleaseAsync(named, obj, CancellationToken.None);
                return new(obj);
            }

            await resource.Strategy.AllocateAsync(named, obj, null, cancellationToken);
            obj.MapAt("metadata")["resourceVersion"] = UnknownRevision;
            Normalizer.Normalize(obj, resource.StorageSchema);
            StoredJson json = JsonWriting.ToStored(obj);
            WriteResult written = default;
            bool known = false;
            try
            {
                written = await store.PutAsync(
                    resource.Key(context.Namespace, name), json.Bytes, 0, resource.Strategy.TimeToLive, cancellationToken);
                known = true;
            }
            catch (StoreException e)
            {
                known = StoreErrors.IsRefusal(e);
                throw StoreErrors.Translate(e);
            }
            finally
            {
                // Of a write that nobody knows the end of, the object may be there: what it was given must stay its own.
                if (known && !written.Succeeded)
                {
                    await resource.Strategy.ReleaseAsync(named, obj, CancellationToken.None);
                }
            }

            if (written.Succeeded)
            {
                return Written(obj, json, written.Revision);
            }

            if (!generated || attempt == MaxGenerateAttempts)
            {
                throw generated
                    ? new ApiException(
                        409, "AlreadyExists",
                        $"{ApiException.Qualified(resource.Name, resource.Group)} \"{name}\" already exists, the server was not able to generate a unique name for the object",
                        new(name, resource.Group, resource.Name))
                    : ApiException.AlreadyExists(resource.Group, resource.Name, name);
            }
        }
    }

    /// <summary>Changes an object, again and again until the change meets an unchanged object.</summary>
    /// <param name="context">The write; its name is the object's.</param>
    /// <param name="change">
    /// Makes the new object of the old one in the request's version (null where there is none and the resource creates on update),
    /// which it must neither change nor share any part with. May be called several times.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The object as it is stored; of a dry run as it would be. And whether it was created.</returns>
    /// <exception cref="ApiException">It is refused.</exception>
    public async Task<(WrittenObject Object, bool Created)> UpdateAsync(
        WriteContext context, Func<JsonMap?, JsonMap> change, bool mayCreate, CancellationToken cancellationToken)
    {
        ResourceDefinition resource = context.Resource;
        // The cached object saves a read; where it leads to a refusal or a conflict it may be stale, so the store decides.
        KeyValue? stored = FromCache(resource, context.Namespace, context.Name)
            ?? await GetStoredAsync(resource, context.Namespace, context.Name, cancellationToken);
        bool fresh = false;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (stored is null)
                {
                    if (!mayCreate)
                    {
                        throw ApiException.NotFound(resource.Group, resource.Name, context.Name);
                    }

                    return (await CreateAsync(context with { Operation = "CREATE" }, change(null), cancellationToken), true);
                }

                if (await TryUpdateAsync(context, stored.Value, change, cancellationToken) is { } result)
                {
                    if (fresh || result.Json is not null || Deletion.IsComplete(result.Document)
                        || result.Document.MapAt("metadata").String("resourceVersion")
                            != stored.Value.ModRevision.ToString(CultureInfo.InvariantCulture))
                    {
                        return (result, false);
                    }

                    // Nothing was written: what changes nothing in a stale object may well change the stored one.
                    KeyValue? now = await GetStoredAsync(resource, context.Namespace, context.Name, cancellationToken);
                    if (now?.ModRevision == stored.Value.ModRevision)
                    {
                        return (result, false);
                    }

                    stored = now;
                    fresh = true;
                    continue;
                }

                if (attempt == MaxUpdateAttempts)
                {
                    throw ApiException.Conflict(resource.Group, resource.Name, context.Name, Preconditions.Modified);
                }
            }
            catch (ApiException) when (!fresh)
            {
                KeyValue? now = await GetStoredAsync(resource, context.Namespace, context.Name, cancellationToken);
                if (now?.ModRevision == stored?.ModRevision)
                {
                    throw;
                }

                stored = now;
                fresh = true;
                continue;
            }

            stored = await GetStoredAsync(resource, context.Namespace, context.Name, cancellationToken);
            fresh = true;
        }
    }

    /// <summary>Deletes an object, or marks it as being deleted where grace or finalizers hold it.</summary>
    /// <returns>The object as it was or is now, and whether it is gone.</returns>
    /// <exception cref="ApiException">It is refused.</exception>
    public async Task<(WrittenObject Object, bool Gone)> DeleteAsync(
        WriteContext context, DeleteOptions options, CancellationToken cancellationToken)
    {
        ResourceDefinition resource = context.Resource;
        for (int attempt = 1; attempt <= MaxUpdateAttempts; attempt++)
        {
            KeyValue stored = await GetStoredAsync(resource, context.Namespace, context.Name, cancellationToken)
                ?? throw ApiException.NotFound(resource.Group, resource.Name, context.Name);
            JsonMap obj = Read(stored, resource);
            Preconditions.CheckDelete(context, obj, options);
            var request = new AdmissionRequest(context, null, obj);
            await admission.MutateAsync(request, cancellationToken);
            await admission.ValidateAsync(request, cancellationToken);
            JsonMap marked = obj.DeepCopy();
            bool now = Deletion.Mark(context, marked, options);
            if (context.DryRun)
            {
                return (new(marked), now);
            }

            try
            {
                if (now)
                {
                    WriteResult deleted = await store.DeleteAsync(stored.Key, stored.ModRevision, cancellationToken);
                    if (deleted.Succeeded)
                    {
                        SetRevision(marked, deleted.Revision, resource);
                        await resource.Strategy.ReleaseAsync(context, obj, CancellationToken.None);
                        return (new(marked), true);
                    }
                }
                else if (JsonValue.DeepEquals(marked, obj))
                {
                    return (new(obj), false);
                }
                else if (await PutAsync(resource, stored, marked, cancellationToken) is { } written)
                {
                    return (written, false);
                }
            }
            catch (StoreException e)
            {
                throw StoreErrors.Translate(e);
            }
        }

        throw ApiException.Conflict(resource.Group, resource.Name, context.Name, Preconditions.Modified);
    }

    private async Task<JsonMap> PrepareCreateAsync(WriteContext context, JsonMap obj, CancellationToken cancellationToken)
    {
        ResourceDefinition resource = context.Resource;
        JsonMap metadata = obj.MapAt("metadata");
        metadata["uid"] = ObjectNames.NewUid();
        metadata["creationTimestamp"] = ApiTime.Format(context.Now);
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
        if (resource.Namespaced)
        {
            metadata["namespace"] = context.Namespace;
        }

        obj = codec.ToStorage(obj, resource);
        var request = new AdmissionRequest(context, obj, null);
        await admission.MutateAsync(request, cancellationToken);
        await resource.Strategy.BeginAsync(context, obj, null, cancellationToken);
        metadata = obj.MapAt("metadata");
        if (resource.HasStatus && resource.Strategy.DropsStatusOnCreate)
        {
            obj.Remove("status");
        }

        if (resource.Strategy.TracksGeneration)
        {
            metadata["generation"] = 1L;
        }

        resource.Strategy.PrepareForCreate(context, obj);
        Normalizer.Normalize(obj, resource.StorageSchema);
        var errors = new FieldErrors();
        MetadataValidation.Validate(
            obj.MapAt("metadata"), resource.Namespaced, resource.Strategy.NameRule, FieldPath.Of("metadata"), errors);
        resource.Strategy.Validate(context, obj, errors);
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(resource.Group, resource.Kind.Kind, context.Name, errors);
        }

        foreach (string warning in resource.Strategy.Warnings(context, obj, null))
        {
            context.Warn(warning);
        }

        await admission.ValidateAsync(request, cancellationToken);
        return ObjectCodec.Settled(obj, resource);
    }

    /// <summary>One attempt; null where someone else was faster.</summary>
    private async Task<WrittenObject?> TryUpdateAsync(
        WriteContext context, KeyValue stored, Func<JsonMap?, JsonMap> change, CancellationToken cancellationToken)
    {
        ResourceDefinition resource = context.Resource;
        JsonMap old = Read(stored, resource);
        JsonMap obj = change(Current(old, resource));
        Preconditions.CheckUpdate(context, stored, obj, old);
        obj = codec.ToStorage(obj, resource);
        if (context.Subresource == "status")
        {
            UpdateRules.KeepAllButStatus(obj, old);
        }

        var request = new AdmissionRequest(context, obj, old);
        await admission.MutateAsync(request, cancellationToken);
        await resource.Strategy.BeginAsync(context, obj, old, cancellationToken);
        UpdateRules.Prepare(context, obj, old);
        Normalizer.Normalize(obj, resource.StorageSchema);
        UpdateRules.Validate(context, obj, old);
        IEnumerable<string> warnings = context.Subresource switch
        {
            "" => resource.Strategy.Warnings(context, obj, old),
            "status" => resource.Strategy.StatusWarnings(obj),
            _ => [],
        };
        foreach (string warning in warnings)
        {
            context.Warn(warning);
        }

        await admission.ValidateAsync(request, cancellationToken);
        obj = ObjectCodec.Settled(obj, resource);
        if (JsonValue.DeepEquals(obj, old))
        {
            return new(obj);
        }

        if (context.DryRun)
        {
            await resource.Strategy.AllocateAsync(context, obj, old, cancellationToken);
            Normalizer.Normalize(obj, resource.StorageSchema);
            return new(obj);
        }

        if (Deletion.IsComplete(obj))
        {
            return await RemoveAsync(context, stored, obj, old);
        }

        await resource.Strategy.AllocateAsync(context, obj, old, cancellationToken);
        Normalizer.Normalize(obj, resource.StorageSchema);
        bool? took = null;
        try
        {
            WrittenObject? put = await PutAsync(resource, stored, obj, cancellationToken);
            took = put is not null;
            return put;
        }
        catch (StoreException e)
        {
            took = StoreErrors.IsRefusal(e) ? false : null;
            throw StoreErrors.Translate(e);
        }
        finally
        {
            if (took is { } written)
            {
                await resource.Strategy.SettleAsync(context, obj, old, written, CancellationToken.None);
            }
        }
    }

    /// <summary>A stored object in the request's version; a copy where that is not what is stored.</summary>
    private static JsonMap Current(JsonMap old, ResourceDefinition resource)
    {
        string? raw = resource.Strategy.RawMember;
        if (raw is null && resource.ServesAsStored)
        {
            return old;
        }

        JsonMap current = ObjectCodec.FromStorage(old.DeepCopy(), resource);
        if (raw is not null)
        {
            JsonRaw.Expand(current, raw);
        }

        return current;
    }

    /// <summary>Deletes an object whose last finalizer went; null where it changed meanwhile.</summary>
    private async Task<WrittenObject?> RemoveAsync(WriteContext context, KeyValue stored, JsonMap obj, JsonMap old)
    {
        try
        {
            WriteResult deleted = await store.DeleteAsync(stored.Key, stored.ModRevision, CancellationToken.None);
            if (!deleted.Succeeded)
            {
                return null;
            }
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }

        await context.Resource.Strategy.ReleaseAsync(context, old, CancellationToken.None);
        return new(obj);
    }

    /// <summary>Writes an object over the version it was made of; null where that is no longer the newest.</summary>
    private async Task<WrittenObject?> PutAsync(
        ResourceDefinition resource, KeyValue stored, JsonMap obj, CancellationToken cancellationToken)
    {
        JsonMap metadata = obj.MapAt("metadata");
        metadata.SetDefault("resourceVersion", UnknownRevision);
        NormalizeMetadata(metadata, resource);
        StoredJson json = JsonWriting.ToStored(obj);
        WriteResult written = await store.PutAsync(
            stored.Key, json.Bytes, stored.ModRevision, resource.Strategy.TimeToLive, cancellationToken);
        return written.Succeeded ? Written(obj, json, written.Revision) : null;
    }

    private static WrittenObject Written(JsonMap obj, StoredJson json, long revision)
    {
        obj.MapAt("metadata")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        return new(obj, json, revision);
    }

    private KeyValue? FromCache(ResourceDefinition resource, string ns, string name)
    {
        ResourceCache cache = registry.Cache(resource);
        return cache.IsReady && cache.Current.Find(ns, name) is { } entry
            ? new KeyValue(entry.Key, entry.Json, 0, entry.Revision, 0)
            : null;
    }

    private async Task<KeyValue?> GetStoredAsync(ResourceDefinition resource, string ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAsync(resource.Key(ns, name), cancellationToken);
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private JsonMap Read(KeyValue stored, ResourceDefinition resource)
    {
        try
        {
            JsonMap obj = registry.Values.Read(stored, resource);
            if (resource.Strategy.RawMember is { } raw && stored.Value.Span is [(byte)'{', ..])
            {
                JsonRaw.Keep(obj, raw, stored.Value.Span);
            }

            SetRevision(obj, stored.ModRevision, resource);
            return obj;
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private static void SetRevision(JsonMap obj, long revision, ResourceDefinition resource)
    {
        JsonMap metadata = obj.MapAt("metadata");
        metadata["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        NormalizeMetadata(metadata, resource);
    }

    private static void NormalizeMetadata(JsonMap metadata, ResourceDefinition resource) =>
        Normalizer.Normalize(metadata, resource.StorageSchema.Field("metadata")!.Schema);
}
