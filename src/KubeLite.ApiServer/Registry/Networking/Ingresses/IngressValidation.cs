using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Networking.Ingresses;

/// <summary>Validates specs of Ingresses (Kubernetes v1.36, <c>pkg/apis/networking/validation</c>).</summary>
internal static class IngressValidation
{
    private static readonly string[] s_forbiddenParts = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] s_forbiddenEnds = ["/..", "/."];

    public static void Spec(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        JsonList? rules = spec.List("rules");
        if (rules is not { Count: > 0 } && spec.Map("defaultBackend") is null)
        {
            errors.Invalid(path, rules, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Map("defaultBackend") is { } backend)
        {
            Backend(backend, path.Child("defaultBackend"), errors);
        }

        int i = 0;
        foreach (JsonMap rule in rules?.Maps() ?? [])
        {
            Rule(rule, path.Child("rules").Index(i++), errors);
        }

        i = 0;
        foreach (JsonMap tls in spec.List("tls")?.Maps() ?? [])
        {
            Tls(tls, path.Child("tls").Index(i++), errors);
        }

        if (spec.String("ingressClassName") is { } className)
        {
            FieldRules.Subdomain(className, path.Child("ingressClassName"), errors);
        }
    }

    /// <summary>Validates a reference to an object of the namespace, or of a class's parameters.</summary>
    public static void Reference(JsonMap reference, FieldPath path, FieldErrors errors)
    {
        if (reference.String("apiGroup") is { } group)
        {
            FieldRules.Subdomain(group, path.Child("apiGroup"), errors);
        }

        foreach (string name in (string[])["kind", "name"])
        {
            string value = reference.String(name) ?? "";
            if (value.Length == 0)
            {
                errors.Required(path.Child(name));
            }
            else
            {
                FieldRules.Follows(NameRules.PathSegment(value), value, path.Child(name), errors);
            }
        }
    }

    private static void Tls(JsonMap tls, FieldPath path, FieldErrors errors)
    {
        int i = 0;
        foreach (string host in tls.List("hosts")?.Strings() ?? [])
        {
            Host(host, path.Child("hosts").Index(i++), errors);
        }

        if (tls.String("secretName") is { Length: > 0 } secret)
        {
            FieldRules.Subdomain(secret, path.Child("secretName"), errors);
        }
    }

    private static void Host(string host, FieldPath path, FieldErrors errors) => FieldRules.Follows(
        host.Contains('*') ? NameRules.WildcardDnsSubdomain(host) : NameRules.DnsSubdomain(host), host, path, errors);

    private static void Rule(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        if (rule.String("host") is { Length: > 0 } host)
        {
            if (IpText.IsAddress(host))
            {
                errors.Invalid(path.Child("host"), host, "must be a DNS name, not an IP address");
            }

            Host(host, path.Child("host"), errors);
        }

        if (rule.Map("http") is not { } http)
        {
            return;
        }

        path = path.Child("http").Child("paths");
        if (http.List("paths") is not { Count: > 0 } paths)
        {
            errors.Required(path);
            return;
        }

        int i = 0;
        foreach (JsonMap item in paths.Maps())
        {
            Path(item, path.Index(i++), errors);
        }
    }

    private static void Path(JsonMap item, FieldPath path, FieldErrors errors)
    {
        string value = item.String("path") ?? "";
        FieldPath at = path.Child("path");
        switch (item.String("pathType"))
        {
            case null:
                errors.Required(path.Child("pathType"), "pathType must be specified");
                return;
            case "Exact" or "Prefix":
                if (!value.StartsWith('/'))
                {
                    errors.Invalid(at, value, "must be an absolute path");
                }

                foreach (string part in s_forbiddenParts.Where(p => value.Contains(p, StringComparison.Ordinal)))
                {
                    errors.Invalid(at, value, $"must not contain '{part}'");
                }

                foreach (string end in s_forbiddenEnds.Where(e => value.EndsWith(e, StringComparison.Ordinal)))
                {
                    errors.Invalid(at, value, $"cannot end with '{end}'");
                }

                break;
            case "ImplementationSpecific":
                if (value.Length > 0 && !value.StartsWith('/'))
                {
                    errors.Invalid(at, value, "must be an absolute path");
                }

                break;
            case var other:
                errors.NotSupported(path.Child("pathType"), other, "Exact", "ImplementationSpecific", "Prefix");
                break;
        }

        Backend(item.Map("backend") ?? new JsonMap(), path.Child("backend"), errors);
    }

    private static void Backend(JsonMap backend, FieldPath path, FieldErrors errors)
    {
        JsonMap? resource = backend.Map("resource"), service = backend.Map("service");
        if (resource is not null && service is not null)
        {
            errors.Invalid(path, "", "cannot set both resource and service backends");
        }
        else if (resource is not null)
        {
            Reference(resource, path.Child("resource"), errors);
        }
        else if (service is not null)
        {
            Service(service, path, errors);
        }
        else
        {
            errors.Invalid(path, "", "resource or service backend is required");
        }
    }

    private static void Service(JsonMap service, FieldPath path, FieldErrors errors)
    {
        FieldPath at = path.Child("service");
        string name = service.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(at.Child("name"));
        }
        else
        {
            FieldRules.Label(name, at.Child("name"), errors);
        }

        JsonMap? port = service.Map("port");
        string portName = port?.String("name") ?? "";
        long number = port?.Integer("number") ?? 0;
        at = at.Child("port");
        if (portName.Length > 0 && number != 0)
        {
            errors.Invalid(path, "", "cannot set both port name & port number");
        }
        else if (portName.Length > 0)
        {
            FieldRules.Follows(NameRules.PortName(portName), portName, at.Child("name"), errors);
        }
        else if (number != 0)
        {
            FieldRules.Follows(NameRules.PortNumber(number), number, at.Child("number"), errors);
        }
        else
        {
            errors.Required(path, "port name or number is required");
        }
    }
}
