using System.Globalization;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>A Pod's row: how many containers are ready, one word for its state, its restarts (Kubernetes' printPod).</summary>
public static class PodTable
{
    /// <summary>The cells: Name, Ready, Status, Restarts, Age, IP, Node, Nominated Node, Readiness Gates.</summary>
    public static JsonList Cells(JsonMap pod)
    {
        JsonMap metadata = pod.MapAt("metadata"), spec = pod.MapAt("spec"), status = pod.MapAt("status");
        List<JsonMap> initStatuses = [.. status.List("initContainerStatuses")?.Maps() ?? []];
        List<JsonMap> statuses = [.. status.List("containerStatuses")?.Maps() ?? []];
        List<JsonMap> initContainers = [.. spec.List("initContainers")?.Maps() ?? []];
        HashSet<string> sidecars = [.. initContainers.Where(c => c.String("restartPolicy") == "Always").Select(c => c.String("name")!)];
        long restarts = 0, sidecarRestarts = 0;
        int ready = 0;
        int total = (spec.List("containers")?.Count ?? 0) + sidecars.Count;
        DateTimeOffset? last = null, lastSidecar = null;
        string reason = status.String("reason") is { Length: > 0 } given ? given : status.String("phase") ?? "";
        foreach (JsonMap condition in status.List("conditions")?.Maps() ?? [])
        {
            if (condition.String("type") == "PodScheduled" && condition.String("reason") == "SchedulingGated")
            {
                reason = "SchedulingGated";
            }
        }

        bool initializing = false;
        for (int i = 0; i < initStatuses.Count; i++)
        {
            JsonMap container = initStatuses[i];
            restarts += container.Integer("restartCount") ?? 0;
            Later(ref last, container);
            bool sidecar = sidecars.Contains(container.String("name") ?? "");
            if (sidecar)
            {
                sidecarRestarts += container.Integer("restartCount") ?? 0;
                Later(ref lastSidecar, container);
            }

            JsonMap? terminated = State(container, "terminated"), waiting = State(container, "waiting");
            if (terminated is not null && (terminated.Integer("exitCode") ?? 0) == 0)
            {
                continue;
            }

            if (sidecar && container.Flag("started"))
            {
                if (container.Flag("ready"))
                {
                    ready++;
                }

                continue;
            }

            if (terminated is not null)
            {
                reason = (terminated.String("reason") ?? "").Length == 0
                    ? terminated.Integer("signal") is > 0 and var signal
                        ? string.Create(CultureInfo.InvariantCulture, $"Init:Signal:{signal}")
                        : string.Create(CultureInfo.InvariantCulture, $"Init:ExitCode:{terminated.Integer("exitCode") ?? 0}")
                    : "Init:" + terminated.String("reason");
            }
            else if (waiting?.String("reason") is { Length: > 0 } wait && wait != "PodInitializing")
            {
                reason = "Init:" + wait;
            }
            else
            {
                reason = string.Create(CultureInfo.InvariantCulture, $"Init:{i}/{initContainers.Count}");
            }

            initializing = true;
            break;
        }

        if (!initializing || Condition(status, "Initialized"))
        {
            restarts = sidecarRestarts;
            last = lastSidecar;
            bool running = false;
            for (int i = statuses.Count - 1; i >= 0; i--)
            {
                JsonMap container = statuses[i];
                restarts += container.Integer("restartCount") ?? 0;
                Later(ref last, container);
                JsonMap? terminated = State(container, "terminated");
                if (State(container, "waiting")?.String("reason") is { Length: > 0 } wait)
                {
                    reason = wait;
                }
                else if (terminated?.String("reason") is { Length: > 0 } end)
                {
                    reason = end;
                }
                else if (terminated is not null)
                {
                    reason = terminated.Integer("signal") is > 0 and var signal
                        ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
                        : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{terminated.Integer("exitCode") ?? 0}");
                }
                else if (container.Flag("ready") && State(container, "running") is not null)
                {
                    running = true;
                    ready++;
                }
            }

            if (reason == "Completed" && running)
            {
                reason = Condition(status, "Ready") ? "Running" : "NotReady";
            }
        }

        string? phase = status.String("phase");
        if (metadata.ContainsKey("deletionTimestamp"))
        {
            reason = status.String("reason") == "NodeLost" ? "Unknown" : phase is "Succeeded" or "Failed" ? reason : "Terminating";
        }

        string count = restarts.ToString(CultureInfo.InvariantCulture);
        object restartText = restarts != 0 && last is { } when ? new AgeCell(count + " (", when, " ago)") : count;

        string ip = status.List("podIPs")?.Maps().FirstOrDefault()?.String("ip") ?? status.String("podIP") ?? "";
        return
        [
            metadata.String("name"),
            string.Create(CultureInfo.InvariantCulture, $"{ready}/{total}"),
            reason,
            restartText,
            TableText.Age(metadata.String("creationTimestamp")),
            ip.Length == 0 ? TableText.None : ip,
            spec.String("nodeName") is { Length: > 0 } node ? node : TableText.None,
            status.String("nominatedNodeName") is { Length: > 0 } nominated ? nominated : TableText.None,
            Gates(spec, status),
        ];
    }

    private static string Gates(JsonMap spec, JsonMap status)
    {
        if (spec.List("readinessGates") is not { Count: > 0 } gates)
        {
            return TableText.None;
        }

        int met = gates.Maps().Count(g => Condition(status, g.String("conditionType") ?? ""));
        return string.Create(CultureInfo.InvariantCulture, $"{met}/{gates.Count}");
    }

    private static bool Condition(JsonMap status, string type) =>
        status.List("conditions")?.Maps().Any(c => c.String("type") == type && c.String("status") == "True") == true;

    private static JsonMap? State(JsonMap container, string name) => container.Map("state")?.Map(name);

    private static void Later(ref DateTimeOffset? last, JsonMap container)
    {
        if (ApiTime.TryParse(container.Map("lastState")?.Map("terminated")?.String("finishedAt"), out DateTimeOffset finished)
            && (last is null || finished > last))
        {
            last = finished;
        }
    }
}
