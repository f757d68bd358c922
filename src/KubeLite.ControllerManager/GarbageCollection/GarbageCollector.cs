using System.Collections.Frozen;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>
/// The <c>garbage-collector-controller</c>: deletes what has lost all its owners, in the background or before the owner,
/// or cuts it loose (pkg/controller/garbagecollector). It watches the metadata of every resource that can be deleted and
/// looks for new ones when a definition or an API service changes.
/// </summary>
public sealed class GarbageCollector : KeyedController<GcKey>
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(500);
    private static readonly FrozenSet<string> s_ignored = new[] { "events", "events.events.k8s.io" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly OwnerGraph _graph;
    private readonly OwnerCheck _owners;
    private readonly IEventRecorder _events;
    private readonly Dictionary<ResourceInfo, IMetadataInformer> _watched = [];
    private FrozenDictionary<(string ApiVersion, string Kind), ResourceInfo> _kinds =
        FrozenDictionary<(string, string), ResourceInfo>.Empty;

    /// <summary>Asks for the informers that tell when resources come and go.</summary>
    public GarbageCollector(ControllerContext context) : base(context, "garbage-collector-controller", 20)
    {
        _events = NewRecorder();
        _graph = new OwnerGraph(Queue.Add, (apiVersion, kind) => _kinds.GetValueOrDefault((apiVersion, kind)));
        _owners = new OwnerCheck(context.Client, (apiVersion, kind) => _kinds.GetValueOrDefault((apiVersion, kind)), context.Time);
        void Rediscover(CachedObject item) => Queue.AddAfter(new GcKey(GcAction.Discover, ""), s_settle);
        var changed = new MetadataEventHandler(Rediscover, Rediscover);
        Await(context.Informers.Metadata(ResourceInfo.Of<V1CustomResourceDefinition>(), MetadataTrim.Slim)).AddHandler(changed);
        Await(context.Informers.Metadata(ResourceInfo.Of<V1APIService>(), MetadataTrim.Slim)).AddHandler(changed);
        Queue.Add(new GcKey(GcAction.Discover, ""));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(GcKey key, CancellationToken cancellationToken)
    {
        switch (key.Action)
        {
            case GcAction.Discover:
                return await DiscoverAsync(cancellationToken).ConfigureAwait(false);
            case GcAction.Orphan:
                await OrphanAsync(key.Uid, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await DeleteAsync(key.Uid, cancellationToken).ConfigureAwait(false);
                break;
        }
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> DiscoverAsync(CancellationToken cancellationToken)
    {
        var found = await Client.Discovery.DiscoverAsync(cancellationToken).ConfigureAwait(false);
        var kinds = new Dictionary<(string, string), ResourceInfo>();
        foreach (var resource in found.All)
        {
            kinds.TryAdd((resource.Resource.ApiVersion, resource.Resource.Kind), resource.Resource);
        }
        _kinds = kinds.ToFrozenDictionary();
        var wanted = found.Preferred.Where(r => r.Supports("delete", "list", "watch") && !s_ignored.Contains(r.Resource.GroupResource))
            .Select(r => r.Resource)
            .ToHashSet();
        foreach (var resource in wanted)
        {
            if (!_watched.ContainsKey(resource))
            {
                var informer = Context.Informers.Metadata(resource, MetadataTrim.Slim);
                _watched.Add(resource, informer);
                informer.AddHandler(new MetadataEventHandler(
                    item => _graph.Set(resource, item.Metadata), item => _graph.Remove(item.Metadata.Uid)));
            }
        }
        if (found.Failed.Count == 0)
        {
            foreach (var gone in _watched.Keys.Where(r => !wanted.Contains(r)).ToList())
            {
                _watched.Remove(gone, out var informer);
                await Context.Informers.ForgetMetadataAsync(gone).ConfigureAwait(false);
                foreach (var item in informer!.Metadata())
                {
                    _graph.Remove(item.Metadata.Uid);
                }
            }
        }
        _graph.RetryUnresolved();
        return found.Failed.Count == 0 ? ReconcileResult.Done : ReconcileResult.After(TimeSpan.FromSeconds(30));
    }

    private async Task DeleteAsync(string uid, CancellationToken cancellationToken)
    {
        if (_graph.Find(uid) is not { } node || (node.Deleting && !node.DeletingDependents))
        {
            return;
        }
        if (node.Resource is not { } resource)
        {
            return;
        }
        var metadata = Client.Metadata(resource);
        var live = await metadata.FindAsync(node.Namespace, node.Name, cancellationToken).ConfigureAwait(false);
        if (live is null || live.Metadata.Uid != uid)
        {
            _owners.NoteAbsent(uid);
            _graph.Remove(uid);
            return;
        }
        if (node.DeletingDependents)
        {
            await LetGoAsync(uid, metadata, live, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (live.Metadata.OwnerReferences is not { Count: > 0 } owners)
        {
            return;
        }
        var (solid, gone, waiting) = await _owners.ClassifyAsync(live, resource, owners, Warn, cancellationToken).ConfigureAwait(false);
        if (solid.Count > 0)
        {
            if (gone.Count + waiting.Count > 0)
            {
                await PatchOwnersAsync(metadata, live, solid, cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        var policy = "Background";
        if (waiting.Count > 0 && _graph.Dependents(uid) is { Count: > 0 } dependents)
        {
            if (dependents.Exists(d => d.Entry.DeletingDependents))
            {
                // A circle: somebody has to stop waiting.
                await PatchOwnersAsync(metadata, live, [.. owners.Select(o => o with { BlockOwnerDeletion = false })], cancellationToken)
                    .ConfigureAwait(false);
            }
            policy = "Foreground";
        }
        else if (live.Metadata.Finalizers?.Contains(OwnerGraph.OrphanFinalizer) == true)
        {
            policy = "Orphan";
        }
        else if (live.Metadata.Finalizers?.Contains(OwnerGraph.ForegroundFinalizer) == true)
        {
            policy = "Foreground";
        }
        await DeleteLiveAsync(metadata, live, policy, cancellationToken).ConfigureAwait(false);
    }

    private static async Task DeleteLiveAsync(
        ResourceClient<PartialObjectMetadata> metadata, PartialObjectMetadata live, string policy, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions
        {
            PropagationPolicy = policy,
            Preconditions = new V1Preconditions { Uid = live.Metadata.Uid, ResourceVersion = live.Metadata.ResourceVersion },
        };
        try
        {
            await metadata.DeleteAsync(live.Metadata.NamespaceProperty, live.Metadata.Name, options, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
    }

    private async Task LetGoAsync(
        string uid, ResourceClient<PartialObjectMetadata> metadata, PartialObjectMetadata live, CancellationToken cancellationToken)
    {
        var blocking = _graph.Dependents(uid).FindAll(d => d.Blocks);
        if (blocking.Count == 0)
        {
            await RemoveFinalizerAsync(metadata, live, OwnerGraph.ForegroundFinalizer, cancellationToken).ConfigureAwait(false);
            return;
        }
        foreach (var dependent in blocking)
        {
            if (!dependent.Entry.Deleting)
            {
                Queue.Add(new GcKey(GcAction.Delete, dependent.Uid));
            }
        }
    }

    private async Task OrphanAsync(string uid, CancellationToken cancellationToken)
    {
        if (_graph.Find(uid) is not { Resource: { } resource } node)
        {
            return;
        }
        foreach (var dependent in _graph.Dependents(uid))
        {
            if (dependent.Entry.Resource is not { } of)
            {
                continue;
            }
            var client = Client.Metadata(of);
            if (await client.FindAsync(dependent.Entry.Namespace, dependent.Entry.Name, cancellationToken).ConfigureAwait(false) is { } item
                && item.Metadata.Uid == dependent.Uid && item.Metadata.OwnerReferences?.Any(o => o.Uid == uid) == true)
            {
                await PatchOwnersAsync(client, item, [.. item.Metadata.OwnerReferences.Where(o => o.Uid != uid)], cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        var metadata = Client.Metadata(resource);
        if (await metadata.FindAsync(node.Namespace, node.Name, cancellationToken).ConfigureAwait(false) is { } live
            && live.Metadata.Uid == uid)
        {
            await RemoveFinalizerAsync(metadata, live, OwnerGraph.OrphanFinalizer, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task RemoveFinalizerAsync(
        ResourceClient<PartialObjectMetadata> metadata, PartialObjectMetadata live, string finalizer, CancellationToken cancellationToken)
    {
        var rest = (live.Metadata.Finalizers ?? []).Where(f => f != finalizer).ToArray();
        return rest.Length == live.Metadata.Finalizers?.Count
            ? Task.CompletedTask
            : PatchAsync(
                metadata, live, new V1ObjectMeta { ResourceVersion = live.Metadata.ResourceVersion, Finalizers = rest },
                cancellationToken);
    }

    private static Task PatchOwnersAsync(
        ResourceClient<PartialObjectMetadata> metadata, PartialObjectMetadata live, IList<V1OwnerReference> owners,
        CancellationToken cancellationToken) =>
        PatchAsync(
            metadata, live,
            new V1ObjectMeta { ResourceVersion = live.Metadata.ResourceVersion, Uid = live.Metadata.Uid, OwnerReferences = owners },
            cancellationToken);

    // A merge patch, which custom resources know too; the version keeps it from undoing a change it hasn't seen.
    private static async Task PatchAsync(
        ResourceClient<PartialObjectMetadata> metadata, PartialObjectMetadata live, V1ObjectMeta changed,
        CancellationToken cancellationToken)
    {
        try
        {
            var patch = new JsonObject { ["metadata"] = KubeJson.ToNode(changed) };
            await metadata.PatchAsync(
                live.Metadata.NamespaceProperty, live.Metadata.Name, PatchFormat.Merge, KubeJson.Serialize(patch), WriteOptions.None,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
    }

    private void Warn(PartialObjectMetadata item, ResourceInfo resource, V1OwnerReference owner) =>
        _events.Record(
            new V1ObjectReference
            {
                ApiVersion = resource.ApiVersion,
                Kind = resource.Kind,
                Name = item.Metadata.Name,
                NamespaceProperty = item.Metadata.NamespaceProperty,
                Uid = item.Metadata.Uid,
            },
            "Warning", "OwnerRefInvalidNamespace",
            $"ownerRef [{owner.ApiVersion}/{owner.Kind}, namespace: {item.Metadata.NamespaceProperty}, name: {owner.Name}, uid: {owner.Uid}] does not exist in namespace \"{item.Metadata.NamespaceProperty}\"");
}
