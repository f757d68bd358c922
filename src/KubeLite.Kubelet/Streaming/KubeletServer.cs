using System.Globalization;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Pods;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeLite.Kubelet.Streaming;

/// <summary>What the kubelet's HTTPS port answers besides health and metrics: logs of containers and the list of Pods.</summary>
internal sealed class KubeletServer(IStore<V1Pod> pods, PodWorkers workers, IPodDriver driver, TimeProvider time)
{
    /// <summary>Answers a request; false when the path is not one of the kubelet's.</summary>
    public async Task<bool> AnswerAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["containerLogs", var ns, var pod, var container]:
                await LogsAsync(context, ns, pod, container);
                return true;
            case ["pods"]:
                await PodsAsync(context);
                return true;
            case ["exec" or "attach" or "portForward" or "run", ..]:
                // No colon: clients take a text for a Status where they can read it as YAML, and then show nothing of it.
                await TextAsync(context, StatusCodes.Status501NotImplemented,
                    $"{parts[0]} is not supported by simulated nodes, whose containers have no processes");
                return true;
            default:
                return false;
        }
    }

    private async Task LogsAsync(HttpContext context, string ns, string name, string container)
    {
        if (pods.Get(ns, name) is not { } pod || workers.Find(pod.Metadata.Uid) is not { } worker)
        {
            await TextAsync(context, StatusCodes.Status404NotFound, $"pod \"{ns}/{name}\" not found");
            return;
        }

        var query = context.Request.Query;
        var previous = IsTrue(query["previous"]);
        var status = Find(worker.Status ?? pod.Status, container);
        if (status is null)
        {
            await TextAsync(context, StatusCodes.Status404NotFound, $"container \"{container}\" in pod \"{name}\" is not available");
            return;
        }

        var id = previous ? status.LastState?.Terminated?.ContainerID : status.ContainerID;
        if (string.IsNullOrEmpty(id))
        {
            var message = previous
                ? $"previous terminated container \"{container}\" in pod \"{name}\" not found"
                : $"container \"{container}\" in pod \"{name}\" is waiting to start: " +
                    $"{status.State?.Waiting?.Reason ?? "ContainerCreating"}";
            await TextAsync(context, StatusCodes.Status400BadRequest, message);
            return;
        }

        if (!TryRead(query, out var request))
        {
            await TextAsync(
                context, StatusCodes.Status400BadRequest, "tailLines, limitBytes, sinceSeconds and sinceTime must be numbers and times");
            return;
        }

        // The newest status has the times that the log is made of.
        var current = ReferenceEquals(worker.Status, null)
            ? pod
            : new V1Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = worker.Status };
        context.Response.ContentType = "text/plain";
        await driver.WriteLogAsync(current, container, id, request, context.Response.Body, context.RequestAborted);
    }

    private async Task PodsAsync(HttpContext context)
    {
        var list = new V1PodList { ApiVersion = "v1", Kind = "PodList", Metadata = new V1ListMeta(), Items = [] };
        foreach (var worker in workers.All)
        {
            list.Items.Add(worker.Pod);
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(KubeJson.Serialize(list), context.RequestAborted);
    }

    private bool TryRead(IQueryCollection query, out LogRequest request)
    {
        request = new LogRequest { Follow = IsTrue(query["follow"]), Timestamps = IsTrue(query["timestamps"]) };
        if (!TryNumber(query["tailLines"], out var tail) || !TryNumber(query["limitBytes"], out var limit)
            || !TryNumber(query["sinceSeconds"], out var seconds))
        {
            return false;
        }

        DateTimeOffset? since = seconds is null ? null : time.GetUtcNow().AddSeconds(-seconds.Value);
        if (query["sinceTime"] is { Count: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                return false;
            }

            since = parsed;
        }

        request = request with { TailLines = (int?)Math.Min(tail ?? int.MaxValue, int.MaxValue), LimitBytes = limit, Since = since };
        return true;
    }

    private static V1ContainerStatus? Find(V1PodStatus? status, string name)
    {
        foreach (var statuses in (IEnumerable<IList<V1ContainerStatus>?>)
            [status?.ContainerStatuses, status?.InitContainerStatuses, status?.EphemeralContainerStatuses])
        {
            foreach (var container in statuses ?? [])
            {
                if (container.Name == name)
                {
                    return container;
                }
            }
        }

        return null;
    }

    private static bool TryNumber(StringValues text, out long? number)
    {
        number = null;
        if (StringValues.IsNullOrEmpty(text))
        {
            return true;
        }

        var valid = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        number = value;
        return valid;
    }

    private static bool IsTrue(StringValues text) => text == "true" || text == "1";

    private static Task TextAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
