using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// Deletes the objects of a definition that is being deleted, waits until they are gone and takes its finalizer away
/// (apiextensions' <c>controller/finalizer</c> of v1.36).
/// </summary>
public sealed class InstanceDeletion(ResourceRegistry registry, ObjectStore objects, SystemWriter writer, TimeProvider time)
{
    /// <summary>The finalizer that keeps a definition until its objects are gone.</summary>
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    private const string Group = CustomResourceController.Group;
    private const string Resource = CustomResourceController.Resource;

    /// <summary>Ends a definition that is being deleted; does nothing where none of that name is.</summary>
    public async Task RunAsync(string name, CancellationToken stopping)
    {
        // Not what the cache happens to hold: another definition of that name may have come since.
        CacheSnapshot now = await registry.Cache(Group, Resource).ReadConsistentAsync(stopping);
        if (now.Find("", name) is not { } entry || ResourceRegistry.Parsed(entry) is not { } crd || !Holds(crd))
        {
            return;
        }

        await SetAsync(name, "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress", stopping);
        JsonMap names = crd.Map("status")?.Map("acceptedNames") ?? new JsonMap();
        if (!Conditions.IsTrue(crd, "Established"))
        {
            await SetAsync(name, "False", "NeverEstablished", "resource was never established", stopping);
        }
        else if (CustomResourceFactory.Make(crd, names) is [{ } definition, ..])
        {
            await DeleteAllAsync(definition, stopping);
            await SetAsync(name, "False", "InstanceDeletionCompleted", "removed all instances", stopping);
        }

        await writer.UpdateAsync(Group, Resource, "", name, "", obj => RemoveFinalizer(obj.MapAt("metadata")), stopping);
    }

    private async Task DeleteAllAsync(ResourceDefinition definition, CancellationToken stopping)
    {
        ResourceCache cache = registry.Cache(definition);
        CacheSnapshot snapshot = await cache.ReadConsistentAsync(stopping);
        using Watcher watcher = await cache.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, stopping);
        var left = new HashSet<string>(StringComparer.Ordinal);
        foreach (CacheEntry entry in snapshot.All.ToEntries())
        {
            left.Add(entry.Key);
            try
            {
                (_, bool gone) = await objects.DeleteAsync(Context(definition, entry), DeleteOptions.None, stopping);
                if (gone)
                {
                    left.Remove(entry.Key);
                }
            }
            catch (ApiException e) when (e.Code == 404)
            {
                left.Remove(entry.Key);
            }
        }

        while (left.Count > 0 && await watcher.WaitToReadAsync(stopping))
        {
            while (watcher.TryRead(out CacheEvent? change))
            {
                if (change.Type == CacheEventType.Deleted)
                {
                    left.Remove(change.Entry.Key);
                }
            }
        }
    }

    private Task SetAsync(string name, string status, string reason, string message, CancellationToken stopping)
    {
        string now = ApiTime.Format(time.GetUtcNow());
        return writer.UpdateAsync(
            Group, Resource, "", name, "status", obj => Conditions.Set(obj, "Terminating", status, reason, message, now), stopping);
    }

    private WriteContext Context(ResourceDefinition definition, CacheEntry entry) => new()
    {
        Resource = definition,
        Registry = registry,
        Operation = "DELETE",
        Namespace = entry.Namespace,
        Name = entry.Name,
        User = UserInfo.ApiServer,
        Now = time.GetUtcNow(),
    };

    private static bool Holds(JsonMap crd) =>
        crd.MapAt("metadata").ContainsKey("deletionTimestamp") && crd.MapAt("metadata").List("finalizers")?.Contains(Finalizer) == true;

    private static void RemoveFinalizer(JsonMap metadata)
    {
        if (metadata.List("finalizers") is { } finalizers)
        {
            finalizers.RemoveAll(f => f is Finalizer);
            if (finalizers.Count == 0)
            {
                metadata.Remove("finalizers");
            }
        }
    }
}
