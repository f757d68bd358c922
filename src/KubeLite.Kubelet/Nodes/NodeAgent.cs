using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Kubelet.Nodes;

/// <summary>Keeps the Node and the Lease of one node. Its methods are not called concurrently for one node.</summary>
internal sealed class NodeAgent(NodeIdentity node, NodeObject template, ApiClient client, KubeletOptions options, TimeProvider time)
{
    private const string LeaseNamespace = "kube-node-lease";

    private V1Lease? _lease;
    private string? _uid;

    /// <summary>Which node.</summary>
    public NodeIdentity Node => node;

    /// <summary>When the status is due again.</summary>
    public DateTimeOffset StatusDue { get; private set; }

    /// <summary>True once it is registered where the Node was not known before, or not as ready.</summary>
    public bool BecameReady { get; private set; }

    /// <summary>Makes the Node, or brings one from before up to date. A new node takes a single request.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        V1Node present;
        try
        {
            present = await client.CreateAsync(template.Build(node), cancellationToken);
            BecameReady = true;
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            present = await client.GetAsync<V1Node>(null, node.Name, cancellationToken);
            BecameReady = present.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) != true;
            if (!HasLabels(present))
            {
                var patch = new V1Node { Metadata = new V1ObjectMeta { Labels = template.Labels(node) } };
                await client.PatchAsync<V1Node>(
                    null, node.Name, PatchFormat.StrategicMerge, patch, WriteOptions.None, cancellationToken);
            }

            await WriteStatusAsync(present.Status, cancellationToken);
        }

        _uid = present.Metadata.Uid;
        StatusDue = time.GetUtcNow() + options.StatusInterval;
        if (present.Status?.Conditions is not { Count: > 0 })
        {
            await WriteStatusAsync(present.Status, cancellationToken);
        }
    }

    /// <summary>Renews the Lease, which tells the node controller that the node lives.</summary>
    public async Task RenewLeaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_lease is not null)
            {
                _lease.Spec.RenewTime = time.GetUtcNow().UtcDateTime;
                _lease = await client.UpdateAsync(_lease, cancellationToken);
                return;
            }
        }
        catch (ApiStatusException e) when (e.IsConflict || e.IsNotFound)
        {
            // Somebody else touched it: take it anew.
            _lease = null;
        }

        try
        {
            _lease = await client.CreateAsync(NewLease(), cancellationToken);
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            var present = await client.GetAsync<V1Lease>(LeaseNamespace, node.Name, cancellationToken);
            present.Spec = NewLease().Spec;
            _lease = await client.UpdateAsync(present, cancellationToken);
        }
    }

    /// <summary>Reports the status when it is due; registers the Node anew when it has been deleted.</summary>
    public async Task ReportStatusAsync(CancellationToken cancellationToken)
    {
        var present = await client.FindAsync<V1Node>(null, node.Name, cancellationToken);
        if (present is null)
        {
            await RegisterAsync(cancellationToken);
            return;
        }

        await WriteStatusAsync(present.Status, cancellationToken);
    }

    private async Task WriteStatusAsync(V1NodeStatus? present, CancellationToken cancellationToken)
    {
        var patch = new V1Node { Status = template.Status(node, present) };
        await client.PatchStatusAsync<V1Node>(null, node.Name, PatchFormat.StrategicMerge, patch, cancellationToken);
        StatusDue = time.GetUtcNow() + options.StatusInterval;
    }

    private bool HasLabels(V1Node present)
    {
        foreach (var (key, value) in template.Labels(node))
        {
            if (present.Metadata.Labels is null || !present.Metadata.Labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }

        return true;
    }

    private V1Lease NewLease() => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = node.Name,
            NamespaceProperty = LeaseNamespace,
            OwnerReferences = _uid is null
                ? null
                : [new V1OwnerReference { ApiVersion = "v1", Kind = "Node", Name = node.Name, Uid = _uid }],
        },
        Spec = new V1LeaseSpec
        {
            HolderIdentity = node.Name,
            LeaseDurationSeconds = (int)(options.LeaseInterval.TotalSeconds * 4),
            RenewTime = time.GetUtcNow().UtcDateTime,
        },
    };
}
