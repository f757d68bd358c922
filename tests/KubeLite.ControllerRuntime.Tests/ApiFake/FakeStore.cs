using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>
/// The objects and history of a <see cref="FakeApiServer"/>: just enough of Kubernetes' metadata rules (uid, versions,
/// generation, finalizers, graceful Pod deletion, propagation finalizers) for controllers to be tested against.
/// </summary>
internal sealed class FakeStore(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(FakeResource, string Ns, string Name), JsonObject> _objects = [];
    private readonly List<FakeEvent> _history = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;
    private long _compacted;

    internal long Revision
    {
        get
        {
            lock (_lock)
            {
                return _revision;
            }
        }
    }

    /// <summary>Makes every watch from an older version fail with 410.</summary>
    internal void Compact()
    {
        lock (_lock)
        {
            _compacted = ++_revision;
            _history.Clear();
            Signal();
        }
    }

    internal JsonObject? Get(FakeResource resource, string ns, string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault((resource, ns, name))?.DeepClone().AsObject();
        }
    }

    internal (List<JsonObject> Items, long Revision) List(FakeResource resource, string? ns, Func<JsonObject, bool> selects)
    {
        lock (_lock)
        {
            var items = new List<JsonObject>();
            foreach (var (key, item) in _objects.OrderBy(p => p.Key.Ns, StringComparer.Ordinal)
                .ThenBy(p => p.Key.Name, StringComparer.Ordinal))
            {
                if (key.Item1 == resource && (ns is null || key.Ns == ns) && selects(item))
                {
                    items.Add(item.DeepClone().AsObject());
                }
            }
            return (items, _revision);
        }
    }

    /// <summary>The events after a revision, or a task that ends with the next change. Null events mean "too old".</summary>
    internal (List<FakeEvent>? Events, Task Changed, long Revision) Since(long revision)
    {
        lock (_lock)
        {
            return revision < _compacted
                ? (null, Task.CompletedTask, _revision)
                : (_history.Where(e => e.Revision > revision).ToList(), _changed.Task, _revision);
        }
    }

    internal JsonObject Create(FakeResource resource, string ns, JsonObject item)
    {
        lock (_lock)
        {
            var metadata = Metadata(item);
            var name = (string?)metadata["name"];
            if (string.IsNullOrEmpty(name))
            {
                name = (string?)metadata["generateName"] is { Length: > 0 } prefix
                    ? prefix + Guid.NewGuid().ToString("n")[..5]
                    : throw new FakeStatusException(422, "Invalid", "name or generateName is required");
                metadata["name"] = name;
            }
            if (_objects.ContainsKey((resource, ns, name)))
            {
                throw new FakeStatusException(409, "AlreadyExists", $"{resource.Plural} \"{name}\" already exists");
            }
            if (resource.Namespaced)
            {
                metadata["namespace"] = ns;
            }
            metadata["uid"] = Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = Now();
            metadata["generation"] = 1L;
            if (resource.Plural == "pods")
            {
                (item["status"] ??= new JsonObject())["phase"] ??= "Pending";
            }
            if (resource.Plural == "namespaces")
            {
                item["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
                item["status"] = new JsonObject { ["phase"] = "Active" };
            }
            return Put("ADDED", resource, ns, name, item, null);
        }
    }

    internal JsonObject Update(FakeResource resource, string ns, string name, string? subresource, Func<JsonObject, JsonObject> change)
    {
        lock (_lock)
        {
            var old = _objects.GetValueOrDefault((resource, ns, name)) ?? throw NotFound(resource, name);
            var item = change(old.DeepClone().AsObject());
            var metadata = Metadata(item);
            var oldMetadata = Metadata(old);
            var version = (string?)metadata["resourceVersion"];
            if (!string.IsNullOrEmpty(version) && version != (string?)oldMetadata["resourceVersion"])
            {
                throw new FakeStatusException(409, "Conflict", $"{resource.Plural} \"{name}\": the object has been modified");
            }
            if (subresource == "status")
            {
                var status = item["status"]?.DeepClone();
                var annotations = metadata["annotations"]?.DeepClone();
                item = old.DeepClone().AsObject();
                item["status"] = status;
                if (annotations is not null)
                {
                    Metadata(item)["annotations"] = annotations;
                }
            }
            else if (old["status"] is { } kept && subresource is null)
            {
                item["status"] = kept.DeepClone();
            }
            metadata = Metadata(item);
            foreach (var field in (string[])
                ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "name", "namespace", "generation"])
            {
                metadata[field] = oldMetadata[field]?.DeepClone();
                if (metadata[field] is null)
                {
                    metadata.Remove(field);
                }
            }
            if (!JsonNode.DeepEquals(item["spec"], old["spec"]))
            {
                metadata["generation"] = (long?)oldMetadata["generation"] + 1;
            }
            metadata["resourceVersion"] = oldMetadata["resourceVersion"]?.DeepClone();
            if (JsonNode.DeepEquals(item, old))
            {
                return item.DeepClone().AsObject();
            }
            if (metadata["deletionTimestamp"] is not null && metadata["finalizers"] is not JsonArray { Count: > 0 }
                && (long?)metadata["deletionGracePeriodSeconds"] is null or 0
                && item["spec"]?["finalizers"] is not JsonArray { Count: > 0 })
            {
                return Remove(resource, ns, name, item);
            }
            return Put("MODIFIED", resource, ns, name, item, old);
        }
    }

    internal JsonObject Delete(FakeResource resource, string ns, string name, JsonObject? options)
    {
        lock (_lock)
        {
            var old = _objects.GetValueOrDefault((resource, ns, name)) ?? throw NotFound(resource, name);
            var metadata = Metadata(old);
            if (options?["preconditions"]?["uid"] is { } uid && (string?)uid != (string?)metadata["uid"])
            {
                throw new FakeStatusException(409, "Conflict", "the UID in the precondition doesn't match");
            }
            if (options?["preconditions"]?["resourceVersion"] is { } version && (string?)version != (string?)metadata["resourceVersion"])
            {
                throw new FakeStatusException(409, "Conflict", "the ResourceVersion in the precondition doesn't match");
            }
            var item = old.DeepClone().AsObject();
            metadata = Metadata(item);
            var finalizers = metadata["finalizers"] as JsonArray ?? [];
            switch ((string?)options?["propagationPolicy"])
            {
                case "Foreground":
                    AddFinalizer(metadata, finalizers, "foregroundDeletion");
                    break;
                case "Orphan":
                    AddFinalizer(metadata, finalizers, "orphan");
                    break;
            }
            var grace = (long?)options?["gracePeriodSeconds"]
                ?? (resource.Plural == "pods" && item["spec"]?["nodeName"] is not null
                    ? (long?)item["spec"]?["terminationGracePeriodSeconds"] ?? 30
                    : 0);
            if (resource.Plural == "pods"
                && (item["spec"]?["nodeName"] is null || (string?)item["status"]?["phase"] is "Succeeded" or "Failed"))
            {
                grace = 0;
            }
            var held = metadata["finalizers"] is JsonArray { Count: > 0 } || item["spec"]?["finalizers"] is JsonArray { Count: > 0 };
            if (grace == 0 && !held)
            {
                return Remove(resource, ns, name, item);
            }
            if (metadata["deletionTimestamp"] is null || grace < ((long?)metadata["deletionGracePeriodSeconds"] ?? 0))
            {
                metadata["deletionTimestamp"] = Now();
                metadata["deletionGracePeriodSeconds"] = grace;
                if (resource.Plural == "namespaces")
                {
                    item["status"] = new JsonObject { ["phase"] = "Terminating" };
                }
            }
            return JsonNode.DeepEquals(item, old) ? item : Put("MODIFIED", resource, ns, name, item, old);
        }
    }

    private JsonObject Put(string type, FakeResource resource, string ns, string name, JsonObject item, JsonObject? old)
    {
        Metadata(item)["resourceVersion"] = (++_revision).ToString(CultureInfo.InvariantCulture);
        _objects[(resource, ns, name)] = item;
        _history.Add(new FakeEvent(_revision, type, resource, item, old));
        Signal();
        return item.DeepClone().AsObject();
    }

    private JsonObject Remove(FakeResource resource, string ns, string name, JsonObject item)
    {
        _objects.Remove((resource, ns, name), out var old);
        Metadata(item)["resourceVersion"] = (++_revision).ToString(CultureInfo.InvariantCulture);
        _history.Add(new FakeEvent(_revision, "DELETED", resource, item, old));
        Signal();
        return item.DeepClone().AsObject();
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private static void AddFinalizer(JsonObject metadata, JsonArray finalizers, string name)
    {
        if (!finalizers.Any(f => (string?)f == name))
        {
            finalizers.Add(name);
        }
        metadata["finalizers"] ??= finalizers;
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Metadata(JsonObject item) => (JsonObject)(item["metadata"] ??= new JsonObject());

    private static FakeStatusException NotFound(FakeResource resource, string name) =>
        new(404, "NotFound", $"{resource.Plural} \"{name}\" not found");
}
