using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.Revisions;

/// <summary>
/// The ControllerRevisions of a DaemonSet or StatefulSet: each is the Pod template of one revision, as a patch of the
/// owner (pkg/controller/history).
/// </summary>
internal sealed class RevisionHistory(ApiClient client, IStore<V1ControllerRevision> store, string ownerKind)
{
    internal const string HashLabel = "controller-revision-hash";
    private const string OldHashLabel = "controller.kubernetes.io/hash";

    /// <summary>The owner's revisions, oldest first; orphans that its selector selects are adopted.</summary>
    internal async Task<List<V1ControllerRevision>> ListAsync(
        IKubernetesObject<V1ObjectMeta> owner, V1LabelSelector selector, Func<CancellationToken, Task<bool>> stillThere,
        CancellationToken cancellationToken)
    {
        var refs = new ControllerRefs<V1ControllerRevision>(client, owner, "apps/v1", ownerKind);
        var revisions = await refs.ClaimAsync(
            store.ListNamespace(owner.Metadata.NamespaceProperty), r => LabelSelectors.Matches(selector, r.Metadata.Labels), stillThere,
            cancellationToken).ConfigureAwait(false);
        revisions.Sort(static (a, b) => Number(a) != Number(b)
            ? Number(a).CompareTo(Number(b))
            : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name));
        return revisions;
    }

    /// <summary>
    /// The revision of a template: an equal one, made the newest if it isn't, or a new one.
    /// </summary>
    /// <param name="owner">Gives name and namespace.</param>
    /// <param name="template">What the revision holds.</param>
    /// <param name="labels">The labels of a new revision, beside its hash.</param>
    /// <param name="revisions">The owner's revisions, oldest first; changed along.</param>
    /// <param name="collisions">How often a name was taken by another template before.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The revision, and the number of collisions, which the owner's status is to keep.</returns>
    internal async Task<(V1ControllerRevision Revision, int Collisions)> CurrentAsync(
        IKubernetesObject<V1ObjectMeta> owner, V1PodTemplateSpec template, IDictionary<string, string>? labels,
        List<V1ControllerRevision> revisions, int collisions, CancellationToken cancellationToken)
    {
        var data = Data(template);
        var next = revisions.Count == 0 ? 1 : Number(revisions[^1]) + 1;
        var equal = revisions.FindLast(r => SameData(r, data));
        if (equal is not null)
        {
            if (!ReferenceEquals(equal, revisions[^1]))
            {
                var index = revisions.IndexOf(equal);
                revisions.RemoveAt(index);
                equal = await client.UpdateAsync(equal with { Revision = next }, cancellationToken).ConfigureAwait(false);
                revisions.Add(equal);
            }
            return (equal, collisions);
        }
        while (true)
        {
            var hash = Names.SafeEncode(Hash(data, collisions));
            var revision = new V1ControllerRevision
            {
                Metadata = new V1ObjectMeta
                {
                    Name = Name(owner.Metadata.Name, hash),
                    NamespaceProperty = owner.Metadata.NamespaceProperty,
                    Labels = new Dictionary<string, string>(labels ?? new Dictionary<string, string>()) { [HashLabel] = hash },
                    Annotations = owner.Metadata.Annotations is { } annotations ? new Dictionary<string, string>(annotations) : null,
                    OwnerReferences = [OwnerReferences.NewController(owner, "apps/v1", ownerKind)],
                },
                Data = data,
                Revision = next,
            };
            if (ownerKind == "StatefulSet")
            {
                // StatefulSets have always used another label for the revision and put its name on Pods.
                revision.Metadata.Labels.Remove(HashLabel);
                revision.Metadata.Labels[OldHashLabel] = hash;
            }
            try
            {
                var created = await client.CreateAsync(revision, cancellationToken).ConfigureAwait(false);
                revisions.Add(created);
                return (created, collisions);
            }
            catch (ApiStatusException e) when (e.IsAlreadyExists)
            {
                var existing = await client.GetAsync<V1ControllerRevision>(
                    revision.Metadata.NamespaceProperty, revision.Metadata.Name, cancellationToken).ConfigureAwait(false);
                if (SameData(existing, data) && OwnerReferences.IsControlledBy(existing, owner))
                {
                    revisions.Add(existing);
                    return (existing, collisions);
                }
                collisions++;
            }
        }
    }

    /// <summary>Deletes the oldest revisions that nothing uses, beyond the limit.</summary>
    internal async Task TruncateAsync(
        List<V1ControllerRevision> revisions, ISet<string> inUse, int limit, CancellationToken cancellationToken)
    {
        var unused = revisions.FindAll(r => !inUse.Contains(r.Metadata.Name));
        for (var i = 0; i < unused.Count - limit; i++)
        {
            try
            {
                await client.DeleteAsync<V1ControllerRevision>(
                    unused[i].Metadata.NamespaceProperty, unused[i].Metadata.Name, null, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // Someone was faster.
            }
        }
    }

    /// <summary>The Pod template that a revision holds.</summary>
    internal static V1PodTemplateSpec Template(V1ControllerRevision revision) =>
        KubeJson.Deserialize<V1PodTemplateSpec>(Element(revision).GetProperty("spec").GetProperty("template"));

    internal static long Number(V1ControllerRevision revision) => revision.Revision ?? 0;

    private static object Data(V1PodTemplateSpec template)
    {
        var body = KubeJson.ToNode(template)!.AsObject();
        body["$patch"] = "replace";
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = body } };
        using var document = JsonDocument.Parse(JsonCompare.Canonical(patch));
        return document.RootElement.Clone();
    }

    private static bool SameData(V1ControllerRevision revision, object data) =>
        JsonElement.DeepEquals(Element(revision), (JsonElement)data);

    private static JsonElement Element(V1ControllerRevision revision) =>
        revision.Data is JsonElement element ? element : KubeJson.ToElement(revision.Data);

    private static string Hash(object data, int collisions)
    {
        var hash = Names.Fnv32A(JsonCompare.Canonical((JsonElement)data));
        return (collisions == 0 ? hash : Names.Fnv32A(BitConverter.GetBytes((long)collisions), hash))
            .ToString(CultureInfo.InvariantCulture);
    }

    private static string Name(string owner, string hash) => (owner.Length > 223 ? owner[..223] : owner) + "-" + hash;
}
