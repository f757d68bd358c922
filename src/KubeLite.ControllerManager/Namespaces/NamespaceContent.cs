using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.Namespaces;

/// <summary>Deletes everything in a namespace, of whatever kind the server serves.</summary>
internal static class NamespaceContent
{
    private static readonly V1DeleteOptions s_background = new() { PropagationPolicy = "Background" };

    internal static async Task<NamespaceContentResult> DeleteAllAsync(ApiClient client, string ns, CancellationToken cancellationToken)
    {
        var result = new NamespaceContentResult();
        DiscoveryResult found;
        try
        {
            found = await client.Discovery.DiscoverAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e)
        {
            result.DiscoveryErrors.Add(e.Message);
            return result;
        }
        result.DiscoveryErrors.AddRange(found.Failed);
        foreach (var resource in found.Preferred)
        {
            if (!resource.Resource.Namespaced || !resource.Supports("delete") || resource.Resource.Plural.Contains('/'))
            {
                continue;
            }
            try
            {
                await DeleteAsync(client, resource, ns, result, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNotFound || e.IsMethodNotAllowed)
            {
                // The resource has gone since discovery.
            }
            catch (ApiStatusException e)
            {
                result.DeletionErrors.Add(e.Message);
            }
        }
        return result;
    }

    private static async Task DeleteAsync(
        ApiClient client, DiscoveredResource found, string ns, NamespaceContentResult result, CancellationToken cancellationToken)
    {
        var metadata = client.Metadata(found.Resource);
        var left = await ListAsync(metadata, found, ns, cancellationToken).ConfigureAwait(false);
        if (left is { Count: 0 })
        {
            return;
        }
        if (found.Supports("deletecollection"))
        {
            await metadata.DeleteCollectionAsync(ns, s_background, ListOptions.None, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            foreach (var item in left ?? [])
            {
                try
                {
                    await metadata.DeleteAsync(ns, item.Metadata.Name, s_background, cancellationToken).ConfigureAwait(false);
                }
                catch (ApiStatusException e) when (e.IsNotFound)
                {
                    // Someone was faster.
                }
            }
        }
        left = await ListAsync(metadata, found, ns, cancellationToken).ConfigureAwait(false) ?? [];
        if (left.Count == 0)
        {
            return;
        }
        result.Remaining[found.Resource.Plural + "." + found.Resource.Group] = left.Count;
        foreach (var finalizer in left.SelectMany(i => i.Metadata.Finalizers ?? []))
        {
            result.Finalizers[finalizer] = result.Finalizers.GetValueOrDefault(finalizer) + 1;
        }
    }

    // Null where the resource can't be listed.
    private static async Task<List<PartialObjectMetadata>?> ListAsync(
        ResourceClient<PartialObjectMetadata> metadata, DiscoveredResource found, string ns, CancellationToken cancellationToken) =>
        found.Supports("list") ? (await metadata.ListAsync(ns, ListOptions.None, cancellationToken).ConfigureAwait(false)).Items : null;
}
