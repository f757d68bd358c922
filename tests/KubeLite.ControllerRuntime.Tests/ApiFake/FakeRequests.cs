using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>Routes the requests of a <see cref="FakeApiServer"/> to its store.</summary>
internal sealed class FakeRequests(FakeStore store)
{
    private readonly ConcurrentQueue<string> _log = new();
    private CancellationTokenSource _watches = new();

    internal List<FakeResource> Resources { get; } = BuiltIn();

    internal Func<string, string, int?>? Fault { get; set; }

    internal IReadOnlyList<string> Log() => [.. _log];

    internal void EndWatches() => Interlocked.Exchange(ref _watches, new CancellationTokenSource()).Cancel();

    internal FakeResource Resource(string group, string version, string plural) =>
        Resources.Find(r => r.Group == group && r.Version == version && r.Plural == plural)
        ?? throw new FakeStatusException(404, "NotFound", "the server could not find the requested resource");

    internal async Task HandleAsync(HttpContext context)
    {
        try
        {
            var target = context.Request.Path + context.Request.QueryString;
            _log.Enqueue(context.Request.Method + " " + target);
            if (Fault?.Invoke(context.Request.Method, target) is { } code)
            {
                throw new FakeStatusException(code, code == 409 ? "Conflict" : "InternalError", "injected");
            }
            await RouteAsync(context);
        }
        catch (FakeStatusException e)
        {
            context.Response.StatusCode = e.Code;
            await WriteAsync(context, Status(e));
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 1)
        {
            await WriteAsync(context, FakeDiscovery.List(Resources, core: parts[0] == "api"));
            return;
        }
        var core = parts[0] == "api";
        var (group, version) = core ? ("", parts[1]) : (parts[1], parts[2]);
        var rest = parts[(core ? 2 : 3)..];
        string? ns = null;
        if (rest.Length >= 3 && rest[0] == "namespaces" && rest[2] is not ("status" or "finalize"))
        {
            ns = rest[1];
            rest = rest[2..];
        }
        var resource = Resource(group, version, rest[0]);
        var name = rest.Length > 1 ? rest[1] : null;
        var subresource = rest.Length > 2 ? rest[2] : null;
        var body = context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        switch (context.Request.Method)
        {
            case "GET" when name is not null:
                var found = store.Get(resource, ns ?? "", name)
                    ?? throw new FakeStatusException(404, "NotFound", $"{resource.Plural} \"{name}\" not found");
                await WriteAsync(context, Shape(context, resource, found));
                break;
            case "GET" when context.Request.Query["watch"] == "true":
                await WatchAsync(context, resource, ns);
                break;
            case "GET":
                var (items, revision) = store.List(resource, ns, Selects(context));
                await WriteAsync(context, new JsonObject
                {
                    ["kind"] = resource.Kind + "List",
                    ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) },
                    ["items"] = new JsonArray([.. items.Select(i => Shape(context, resource, i))]),
                });
                break;
            case "POST" when subresource is not null:
                await WriteAsync(context, PostSubresource(resource, ns ?? "", name!, subresource, body!.AsObject()));
                break;
            case "POST":
                var created = body!.AsObject();
                created["kind"] = resource.Kind;
                created["apiVersion"] = group.Length == 0 ? version : group + "/" + version;
                context.Response.StatusCode = 201;
                await WriteAsync(context, store.Create(resource, ns ?? "", created));
                break;
            case "PUT":
                await WriteAsync(
                    context, Shape(context, resource, store.Update(resource, ns ?? "", name!, subresource, _ => body!.AsObject())));
                break;
            case "PATCH":
                var type = context.Request.ContentType ?? "";
                await WriteAsync(
                    context,
                    Shape(context, resource, store.Update(resource, ns ?? "", name!, subresource, o => FakePatch.Apply(o, type, body!))));
                break;
            case "DELETE" when name is not null:
                await WriteAsync(context, store.Delete(resource, ns ?? "", name, body?.AsObject()));
                break;
            case "DELETE":
                foreach (var item in store.List(resource, ns, Selects(context)).Items)
                {
                    store.Delete(resource, ns ?? "", (string)item["metadata"]!["name"]!, body?.DeepClone().AsObject());
                }
                await WriteAsync(context, new JsonObject { ["kind"] = "Status", ["status"] = "Success" });
                break;
        }
    }

    private JsonObject PostSubresource(FakeResource resource, string ns, string name, string subresource, JsonObject body)
    {
        switch (subresource)
        {
            case "binding":
                store.Update(resource, ns, name, "binding", pod =>
                {
                    if (pod["spec"]!["nodeName"] is not null)
                    {
                        throw new FakeStatusException(409, "Conflict", $"pod {name} is already assigned to a node");
                    }
                    pod["spec"]!["nodeName"] = (string?)body["target"]!["name"];
                    return pod;
                });
                break;
            case "eviction":
                store.Delete(resource, ns, name, body["deleteOptions"]?.AsObject());
                break;
            default:
                throw new FakeStatusException(404, "NotFound", "no such subresource");
        }
        return new JsonObject { ["kind"] = "Status", ["status"] = "Success" };
    }

    private async Task WatchAsync(HttpContext context, FakeResource resource, string? ns)
    {
        var seen = long.TryParse(context.Request.Query["resourceVersion"], out var from) ? from : store.Revision;
        var selects = Selects(context);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _watches.Token);
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync();
        while (!linked.IsCancellationRequested)
        {
            var (events, changed, revision) = store.Since(seen);
            if (events is null)
            {
                var gone = Status(new FakeStatusException(410, "Expired", "too old resource version"));
                await WriteLineAsync(context, "ERROR", gone);
                return;
            }
            foreach (var change in events)
            {
                if (change.Resource == resource && (ns is null || (string?)change.Object["metadata"]!["namespace"] == ns)
                    && Type(change, selects) is { } type)
                {
                    await WriteLineAsync(context, type, Shape(context, resource, change.Object.DeepClone().AsObject()));
                }
            }
            seen = revision;
            try
            {
                await changed.WaitAsync(linked.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static string? Type(FakeEvent change, Func<JsonObject, bool> selects)
    {
        var before = change.Old is not null && selects(change.Old);
        var after = change.Type != "DELETED" && selects(change.Object);
        return (before, after) switch
        {
            (true, true) => "MODIFIED",
            (false, true) => "ADDED",
            (true, false) => "DELETED",
            _ => null,
        };
    }

    private static Func<JsonObject, bool> Selects(HttpContext context) =>
        FakeSelectors.Parse(context.Request.Query["labelSelector"], context.Request.Query["fieldSelector"]);

    private static JsonObject Shape(HttpContext context, FakeResource resource, JsonObject item) =>
        context.Request.Headers.Accept.ToString().Contains("as=PartialObjectMetadata", StringComparison.Ordinal)
            ? new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = item["metadata"]!.DeepClone(),
            }
            : item;

    private static async Task WriteLineAsync(HttpContext context, string type, JsonObject item)
    {
        await context.Response.WriteAsync(new JsonObject { ["type"] = type, ["object"] = item }.ToJsonString() + "\n");
        await context.Response.Body.FlushAsync();
    }

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private static JsonObject Status(FakeStatusException e) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = e.Message,
        ["reason"] = e.Reason,
        ["code"] = e.Code,
    };

    private static List<FakeResource> BuiltIn()
    {
        var of = typeof(ResourceInfo).GetMethod(nameof(ResourceInfo.Of))!;
        var resources = new List<FakeResource>();
        foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { ApiVersion: "v1" or "v2", PluralName: not null } entity
                && !type.Name.EndsWith("List", StringComparison.Ordinal))
            {
                var info = (ResourceInfo)of.MakeGenericMethod(type).Invoke(null, null)!;
                resources.Add(new FakeResource(info.Group, info.Version, info.Plural, entity.Kind, info.Namespaced));
            }
        }
        return resources;
    }
}
