using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates probes and lifecycle handlers.</summary>
public sealed class ProbeValidation(FieldErrors errors)
{
    private const string NonNegative = "must be greater than or equal to 0";

    private static readonly string[] s_handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

    /// <summary>Adds the faults of a probe; null has none.</summary>
    public void Probe(JsonMap? probe, FieldPath path, bool successOne)
    {
        if (probe is null)
        {
            return;
        }

        Handler(probe, path);
        foreach (string name in (string[])["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            if (probe.Integer(name) is < 0 and var value)
            {
                errors.Invalid(path.Child(name), value, NonNegative);
            }
        }

        if (probe.Integer("terminationGracePeriodSeconds") is <= 0 and var grace)
        {
            errors.Invalid(path.Child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
        }

        if (successOne && probe.Integer("successThreshold") is { } success && success != 1)
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
                Handler(handler, path.Child(name));
            }
        }
    }

    private void Handler(JsonMap holder, FieldPath path)
    {
        int count = 0;
        foreach (string kind in s_handlers)
        {
            if (holder.Map(kind) is not { } handler)
            {
                continue;
            }

            FieldPath at = path.Child(kind);
            if (count++ > 0)
            {
                errors.Forbidden(at, "may not specify more than 1 handler type");
                continue;
            }

            switch (kind)
            {
                case "exec":
                    if (handler.List("command") is not { Count: > 0 })
                    {
                        errors.Required(at.Child("command"));
                    }

                    break;
                case "httpGet":
                    if ((handler.String("path") ?? "").Length == 0)
                    {
                        errors.Required(at.Child("path"));
                    }

                    Port(handler["port"], at.Child("port"));
                    if (handler.String("scheme") is { } scheme && scheme is not ("HTTP" or "HTTPS"))
                    {
                        errors.NotSupported(at.Child("scheme"), scheme, "HTTP", "HTTPS");
                    }

                    foreach (JsonMap header in handler.List("httpHeaders")?.Maps() ?? [])
                    {
                        foreach (string fault in NameRules.HttpHeaderName(header.String("name") ?? ""))
                        {
                            errors.Invalid(at.Child("httpHeaders"), header.String("name") ?? "", fault);
                        }
                    }

                    break;
                case "tcpSocket" or "grpc":
                    Port(handler["port"], at.Child("port"));
                    break;
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }
    }

    private void Port(object? port, FieldPath path)
    {
        IEnumerable<string> faults = port switch
        {
            long number => NameRules.PortNumber(number),
            string name => NameRules.PortName(name),
            _ => NameRules.PortNumber(0),
        };
        foreach (string fault in faults)
        {
            errors.Invalid(path, port ?? 0L, fault);
        }
    }
}
