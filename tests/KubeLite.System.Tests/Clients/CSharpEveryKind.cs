using System.Net;
using System.Reflection;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace KubeLite.System.Tests;

/// <summary>
/// Creates, reads, lists, patches, replaces, watches and deletes every object of a manifest through the C# client's models.
/// </summary>
internal sealed class CSharpEveryKind(string kubeconfig)
{
    private const string Namespace = "csharp-every";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    /// <summary>Tries each object in turn.</summary>
    /// <param name="manifest">A file with an object as JSON a line.</param>
    public async Task RunAsync(string manifest)
    {
        using (_client)
        {
            await _client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });
            foreach (string line in File.ReadLines(manifest).Where(l => l.StartsWith('{')))
            {
                string json = line.Replace("\"every\"", $"\"{Namespace}\"", StringComparison.Ordinal);
                using var document = JsonDocument.Parse(json);
                string apiVersion = document.RootElement.GetProperty("apiVersion")
                    .GetString()!, kind = document.RootElement.GetProperty("kind").GetString()!;
                (Type model, KubernetesEntityAttribute entity) = Model(apiVersion, kind);
                MethodInfo attempt = GetType().GetMethod(
                    nameof(TryAsync), BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(model);
                try
                {
                    (string plural, bool namespaced) = await ResourceAsync(apiVersion, kind);
                    await (Task)attempt.Invoke(this, [json, entity, plural, namespaced])!;
                }
                catch (HttpOperationException e)
                {
                    throw new InvalidOperationException($"{apiVersion} {kind}: {e.Response.StatusCode} {e.Response.Content}", e);
                }
            }

            await _client.CoreV1.DeleteNamespaceAsync(Namespace);
        }
    }

    private static (Type Model, KubernetesEntityAttribute Entity) Model(string apiVersion, string kind)
    {
        foreach (Type type in typeof(V1Pod).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { } entity && entity.Kind == kind &&
                apiVersion == (string.IsNullOrEmpty(entity.Group) ? entity.ApiVersion : $"{entity.Group}/{entity.ApiVersion}"))
            {
                return (type, entity);
            }
        }

        throw new InvalidOperationException($"the client has no model of {apiVersion} {kind}");
    }

    private async Task<(string Plural, bool Namespaced)> ResourceAsync(string apiVersion, string kind)
    {
        string path = apiVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{apiVersion}" : $"api/{apiVersion}";
        using var resources = JsonDocument.Parse(await _client.HttpClient.GetStringAsync(new Uri(_client.BaseUri, path)));
        JsonElement found = resources.RootElement.GetProperty("resources").EnumerateArray()
            .First(r => r.GetProperty("kind").GetString() == kind
                && !r.GetProperty("name").GetString()!.Contains('/', StringComparison.Ordinal));
        return (found.GetProperty("name").GetString()!, found.GetProperty("namespaced").GetBoolean());
    }

    private async Task TryAsync<T>(string json, KubernetesEntityAttribute entity, string plural, bool namespaced)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var generic = new GenericClient(_client, entity.Group, entity.ApiVersion, plural, disposeClient: false);
        T sent = KubernetesJson.Deserialize<T>(json);
        string name = sent.Metadata.Name;
        using var end = new CancellationTokenSource(s_patience);
        var seen = new List<WatchEventType>();
        Task watching = WatchAsync<T>(generic, namespaced, name, seen, end.Token);
        T created = namespaced ? await generic.CreateNamespacedAsync(sent, Namespace) : await generic.CreateAsync(sent);
        Assert.NotEmpty(created.Metadata.Uid);
        T read = await ReadAsync();
        Assert.Equal(created.Metadata.Uid, read.Metadata.Uid);
        var patch = new V1Patch("""{"metadata":{"labels":{"tried":"yes"}}}""", V1Patch.PatchType.MergePatch);
        T patched = namespaced ? await generic.PatchNamespacedAsync<T>(patch, Namespace, name) : await generic.PatchAsync<T>(patch, name);
        Assert.Equal("yes", patched.Metadata.Labels["tried"]);
        T replaced = await ReplaceAsync();
        Assert.Equal("yes", replaced.Metadata.Annotations["replaced"]);
        _ = namespaced
            ? await generic.DeleteNamespacedAsync<ObjectOrStatus>(Namespace, name)
            : await generic.DeleteAsync<ObjectOrStatus>(name);
        await GoneAsync();
        await watching;
        Assert.Equal(WatchEventType.Added, seen[0]);
        Assert.Contains(WatchEventType.Modified, seen);
        Assert.Equal(WatchEventType.Deleted, seen[^1]);

        Task<T> ReadAsync() => namespaced ? generic.ReadNamespacedAsync<T>(Namespace, name) : generic.ReadAsync<T>(name);

        async Task<T> ReplaceAsync()
        {
            while (true)
            {
                T now = await ReadAsync();
                now.Metadata.Annotations =
                    new Dictionary<string, string>(now.Metadata.Annotations ?? new Dictionary<string, string>()) { ["replaced"] = "yes" };
                try
                {
                    return namespaced
                        ? await generic.ReplaceNamespacedAsync(now, Namespace, name, end.Token)
                        : await generic.ReplaceAsync(now, name, end.Token);
                }
                catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict && !end.IsCancellationRequested)
                {
                    // A controller was faster.
                }
            }
        }

        async Task GoneAsync()
        {
            try
            {
                while (true)
                {
                    await ReadAsync();
                    await Task.Delay(50, end.Token);
                }
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                // That is what was waited for.
            }
        }
    }

    private static async Task WatchAsync<T>(
        GenericClient generic, bool namespaced, string name, List<WatchEventType> seen, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        IAsyncEnumerable<(WatchEventType, T)> events = namespaced
            ? generic.WatchNamespacedAsync<T>(Namespace, cancel: cancellationToken)
            : generic.WatchAsync<T>(cancel: cancellationToken);
        await foreach ((WatchEventType type, T obj) in events)
        {
            if (obj.Metadata.Name == name)
            {
                seen.Add(type);
                if (type == WatchEventType.Deleted)
                {
                    return;
                }
            }
        }
    }

    /// <summary>What a delete answers with, by kind the object or a Status.</summary>
    private sealed class ObjectOrStatus : IKubernetesObject
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";
    }
}
