using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>Warnings of ports that several containers of a Pod name (Kubernetes v1.36, <c>pkg/api/pod/warnings.go</c>).</summary>
public static class PortWarnings
{
    /// <summary>Adds the warnings.</summary>
    public static void Add(JsonMap spec, FieldPath path, List<string> warnings)
    {
        var seen = new Dictionary<(long?, string?), List<(FieldPath Path, string HostIp, long HostPort)>>();
        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            int index = 0;
            foreach (JsonMap port in container.List("ports")?.Maps() ?? [])
            {
                FieldPath own = at.Child("ports").Index(index++);
                string hostIp = port.String("hostIP") ?? "";
                long hostPort = port.Integer("hostPort") ?? 0;
                if (hostIp.Length > 0 && hostPort == 0)
                {
                    warnings.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{own}: hostIP set without hostPort: " +
                            $"{{Name:{port.String("name")} HostPort:0 ContainerPort:{port.Integer("containerPort") ?? 0} " +
                            $"Protocol:{port.String("protocol")} HostIP:{hostIp}}}"));
                }

                (long?, string?) key = (port.Integer("containerPort"), port.String("protocol"));
                if (!seen.TryGetValue(key, out var others))
                {
                    seen[key] = others = [];
                }

                foreach ((FieldPath other, string otherIp, long otherPort) in others)
                {
                    if (Conflict(hostIp, hostPort, otherIp, otherPort) is { } conflict)
                    {
                        warnings.Add($"{own}: {conflict} port definition with {other}");
                    }
                }

                others.Add((own, hostIp, hostPort));
            }
        }

        Names(spec, path, warnings);
    }

    private static void Names(JsonMap spec, FieldPath path, List<string> warnings)
    {
        var seen = new Dictionary<string, FieldPath>(StringComparer.Ordinal);
        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            int index = 0;
            foreach (JsonMap port in container.List("ports")?.Maps() ?? [])
            {
                FieldPath own = at.Child("ports").Index(index++);
                if (port.String("name") is { Length: > 0 } name && !seen.TryAdd(name, own))
                {
                    FieldPath first = seen[name];
                    warnings.Add(
                        $"{own}: duplicate port name {FieldError.GoQuote(name)} with {first}, services and probes that select ports by name will use {first}");
                }
            }
        }
    }

    private static string? Conflict(string ip, long port, string otherIp, long otherPort) =>
        ip == otherIp && port == otherPort ? "duplicate"
        : port == 0 || otherPort == 0 ? "overlapping"
        : port == otherPort && ip.Length == 0 != (otherIp.Length == 0) ? "dangerously ambiguous" : null;
}
