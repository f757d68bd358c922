using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace KubeLite.System.Tests;

/// <summary>Drives a cluster with the C# client; every answer must be as on Kubernetes.</summary>
internal sealed class CSharpClient(string kubeconfig)
{
    private const string Namespace = "csharp";

    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    /// <summary>Runs every flow.</summary>
    public async Task RunAsync()
    {
        using (_client)
        {
            await _client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });
            await ConfigMapsAsync();
            await WatchedAsync();
            await DeploymentAsync();
        }
    }

    private async Task ConfigMapsAsync()
    {
        V1ConfigMap created = await CreateAsync("one", "blue");
        Assert.NotEmpty(created.Metadata.Uid);
        Assert.NotNull(created.Metadata.CreationTimestamp);
        await RefusedAsync(HttpStatusCode.Conflict, "AlreadyExists", () => CreateAsync("one", "blue"));
        await RefusedAsync(HttpStatusCode.NotFound, "NotFound", () => _client.CoreV1.ReadNamespacedConfigMapAsync("none", Namespace));
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "Invalid", () => CreateAsync("Not A Name", "blue"));
        V1ConfigMap read = await _client.CoreV1.ReadNamespacedConfigMapAsync("one", Namespace);
        Assert.Equal("blue", read.Data["colour"]);
        read.Data["colour"] = "green";
        V1ConfigMap updated = await _client.CoreV1.ReplaceNamespacedConfigMapAsync(read, "one", Namespace);
        Assert.NotEqual(created.Metadata.ResourceVersion, updated.Metadata.ResourceVersion);
        await RefusedAsync(
            HttpStatusCode.Conflict, "Conflict", () => _client.CoreV1.ReplaceNamespacedConfigMapAsync(read, "one", Namespace));
        foreach ((V1Patch.PatchType type, string patch, string colour) in ((V1Patch.PatchType, string, string)[])
            [
                (V1Patch.PatchType.MergePatch, """{"data":{"colour":"red"}}""", "red"),
                (V1Patch.PatchType.StrategicMergePatch, """{"data":{"colour":"black"}}""", "black"),
                (V1Patch.PatchType.JsonPatch, """[{"op":"replace","path":"/data/colour","value":"white"}]""", "white"),
            ])
        {
            V1ConfigMap patched = await _client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch(patch, type), "one", Namespace);
            Assert.Equal(colour, patched.Data["colour"]);
        }

        var apply = new V1Patch(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"size":"9"}}""", V1Patch.PatchType.ApplyPatch);
        V1ConfigMap applied = await _client.CoreV1.PatchNamespacedConfigMapAsync(apply, "one", Namespace, fieldManager: "csharp");
        Assert.Equal("white 9", $"{applied.Data["colour"]} {applied.Data["size"]}");
        Assert.Contains((await _client.CoreV1.ListNamespacedConfigMapAsync(Namespace)).Items, c => c.Metadata.Name == "one");
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("one", Namespace);
        await RefusedAsync(HttpStatusCode.NotFound, "NotFound", () => _client.CoreV1.ReadNamespacedConfigMapAsync("one", Namespace));
    }

    /// <summary>Events in their order, and only those that the selector lets through.</summary>
    private async Task WatchedAsync()
    {
        string since = (await _client.CoreV1.ListNamespacedConfigMapAsync(Namespace)).Metadata.ResourceVersion;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task<List<string>> seen = LookAsync(since, 5, patience.Token);
        await CreateAsync("other", "blue", "green");
        await CreateAsync("a", "1", "red");
        await CreateAsync("b", "1", "red");
        await _client.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch("""{"data":{"colour":"2"}}""", V1Patch.PatchType.MergePatch), "a", Namespace);
        await _client.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch("""{"metadata":{"labels":{"team":"green"}}}""", V1Patch.PatchType.MergePatch), "a", Namespace);
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("b", Namespace);
        Assert.Equal(["Added a 1", "Added b 1", "Modified a 2", "Deleted a 2", "Deleted b 1"], await seen);
    }

    private async Task<List<string>> LookAsync(string since, int enough, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        await foreach ((WatchEventType type, V1ConfigMap item) in _client.CoreV1.WatchListNamespacedConfigMapAsync(
            Namespace, labelSelector: "team=red", resourceVersion: since, cancellationToken: cancellationToken))
        {
            seen.Add($"{type} {item.Metadata.Name} {item.Data["colour"]}");
            if (seen.Count == enough)
            {
                break;
            }
        }

        return seen;
    }

    private async Task DeploymentAsync()
    {
        var labels = new Dictionary<string, string> { ["app"] = "web" };
        await _client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { Name = "web" },
                Spec = new V1DeploymentSpec
                {
                    Replicas = 2,
                    Selector = new V1LabelSelector { MatchLabels = labels },
                    Template = new V1PodTemplateSpec
                    {
                        Metadata = new V1ObjectMeta { Labels = labels },
                        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "nginx" }] },
                    },
                },
            },
            Namespace);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach ((_, V1Deployment item) in _client.AppsV1.WatchListNamespacedDeploymentAsync(
            Namespace, fieldSelector: "metadata.name=web", cancellationToken: patience.Token))
        {
            if (item.Status.ReadyReplicas == 2 && item.Status.Conditions.Any(c => c is { Type: "Available", Status: "True" }))
            {
                break;
            }
        }

        V1PodList pods = await _client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: "app=web");
        Assert.Equal(["Running", "Running"], pods.Items.Select(p => p.Status.Phase));
        using var log = new StreamReader(await _client.CoreV1.ReadNamespacedPodLogAsync(pods.Items[0].Metadata.Name, Namespace));
        Assert.Contains("simulated container main", await log.ReadToEndAsync());
        V1Scale scaled = await _client.AppsV1.PatchNamespacedDeploymentScaleAsync(
            new V1Patch("""{"spec":{"replicas":1}}""", V1Patch.PatchType.MergePatch), "web", Namespace);
        Assert.Equal(1, scaled.Spec.Replicas);
    }

    private Task<V1ConfigMap> CreateAsync(string name, string colour, string? team = null) => _client.CoreV1.CreateNamespacedConfigMapAsync(
        new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = team is null ? null : new Dictionary<string, string> { ["team"] = team } },
            Data = new Dictionary<string, string> { ["colour"] = colour },
        },
        Namespace);

    private static async Task RefusedAsync(HttpStatusCode code, string reason, Func<Task> call)
    {
        HttpOperationException error = await Assert.ThrowsAsync<HttpOperationException>(call);
        Assert.Equal(code, error.Response.StatusCode);
        V1Status status = KubernetesJson.Deserialize<V1Status>(error.Response.Content);
        Assert.Equal("Failure", status.Status);
        Assert.Equal(reason, status.Reason);
    }
}
