using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using Microsoft.Extensions.Logging;

namespace KubeLite.Cli.Up;

/// <summary>Waits until a cluster can be used: nodes Ready and open to Pods, the default service account there.</summary>
internal static class ClusterReadiness
{
    private const string NotReadyTaint = "node.kubernetes.io/not-ready";

    /// <summary>Ends when the cluster is ready; watches, so that it ends at once.</summary>
    public static async Task WaitAsync(
        ApiClient admin, int nodes, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var informers = new SharedInformerFactory(admin, time, loggers);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var nodeInformer = informers.Informer<V1Node>();
        var accounts = informers.Informer<V1ServiceAccount>(
            new InformerSelection("default", FieldSelector: "metadata.name=default"));
        void Check()
        {
            if (accounts.Store.Get("default", "default") is not null && Count(nodeInformer.Store) >= nodes)
            {
                ready.TrySetResult();
            }
        }

        nodeInformer.AddHandler(ResourceEventHandler<V1Node>.Any(_ => Check()));
        accounts.AddHandler(ResourceEventHandler<V1ServiceAccount>.Any(_ => Check()));
        informers.Start();
        await ready.Task.WaitAsync(cancellationToken);
    }

    private static int Count(IStore<V1Node> nodes)
    {
        var count = 0;
        foreach (var node in nodes.List())
        {
            var isReady = false;
            foreach (var condition in node.Status?.Conditions ?? [])
            {
                isReady |= condition is { Type: "Ready", Status: "True" };
            }

            foreach (var taint in node.Spec?.Taints ?? [])
            {
                isReady &= taint.Key != NotReadyTaint;
            }

            count += isReady ? 1 : 0;
        }

        return count;
    }
}
