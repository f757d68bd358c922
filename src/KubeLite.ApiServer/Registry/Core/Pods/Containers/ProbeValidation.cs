using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>Validates probes and lifecycle handlers (Kubernetes v1.36, <c>validateProbe</c>, <c>validateHandler</c>).</summary>
/// <param name="errors">Gets the faults.</param>
/// <param name="gracePeriod">The Pod's grace period in seconds, which a hook may not outlast; null where it has none.</param>
public sealed class ProbeValidation(FieldErrors errors, long? gracePeriod)
{
    private static readonly string[] s_probeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] s_hookHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];

    /// <summary>Adds the faults of a probe; null has none.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="path">Its path.</param>
    /// <param name="readiness">True for a readiness probe: several successes may be asked for, and no grace period.</param>
    public void Probe(JsonMap? probe, FieldPath path, bool readiness)
    {
        if (probe is null)
        {
            return;
        }

        Handler(probe, s_probeHandlers, path);
        foreach (string name in (string[])
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            FieldRules.NonNegative(probe, name, path, errors);
        }

        long? grace = probe.Integer("terminationGracePeriodSeconds");
        if (grace <= 0)
        {
            errors.Invalid(path.Child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
        }

        if (readiness && grace is not null)
        {
            errors.Invalid(path.Child("terminationGracePeriodSeconds"), grace, "must not be set for readinessProbes");
        }
        else if (!readiness && (probe.Integer("successThreshold") ?? 0) is var success and not 1)
        {
            errors.Invalid(path.Child("successThreshold"), success, "must be 1");
        }
    }

    /// <summary>Adds the faults of a lifecycle; null has none.</summary>
    public void Lifecycle(JsonMap? lifecycle, FieldPath path)
    {
        foreach (string name in (string[])["postStart", "preStop"])
        {
            if (lifecycle?.Map(name) is { } handler)
            {
                Handler(handler, s_hookHandlers, path.Child(name));
            }
        }
    }

    /// <summary>Adds the faults of a port that is a number or the name of one.</summary>
    public static void Port(object? port, FieldPath path, FieldErrors errors)
    {
        IEnumerable<string> faults = port switch
        {
            long number => NameRules.PortNumber(number),
            string name => NameRules.PortName(name),
            _ => NameRules.PortNumber(0),
        };
        FieldRules.Follows(faults, port ?? 0L, path, errors);
    }

    private void Handler(JsonMap holder, string[] kinds, FieldPath path)
    {
        int count = 0;
        foreach (string kind in kinds)
        {
            if (holder.Map(kind) is not { } handler)
            {
                continue;
            }

            if (count++ > 0)
            {
                errors.Forbidden(path.Child(kind), "may not specify more than 1 handler type");
            }
            else
            {
                Action(kind, handler, path.Child(kind));
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }
    }

    private void Action(string kind, JsonMap action, FieldPath path)
    {
        switch (kind)
        {
            case "exec":
                if (action.List("command") is not { Count: > 0 })
                {
                    errors.Required(path.Child("command"));
                }

                break;
            case "httpGet":
                VolumeSourceValidation.Need(action, path, errors, "path");
                Port(action["port"], path.Child("port"), errors);
                FieldRules.OneOf(action.String("scheme"), path.Child("scheme"), errors, "HTTP", "HTTPS");
                foreach (JsonMap header in action.List("httpHeaders")?.Maps() ?? [])
                {
                    string name = header.String("name") ?? "";
                    FieldRules.Follows(NameRules.HttpHeaderName(name), name, path.Child("httpHeaders"), errors);
                }

                break;
            case "tcpSocket" or "grpc":
                Port(action["port"], path.Child("port"), errors);
                break;
            case "sleep":
                long seconds = action.Integer("seconds") ?? 0;
                if (gracePeriod is { } grace && (seconds < 0 || seconds > grace))
                {
                    errors.Invalid(path, seconds, string.Create(
                        CultureInfo.InvariantCulture, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})"));
                }

                break;
        }
    }
}
