using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>Validates how webhooks are reached (apiserver's <c>util/webhook/validation.go</c> of v1.36).</summary>
public static class WebhookClientValidation
{
    private const string Form = "; desired format: https://host[/path]";

    /// <summary>Adds every fault of a client configuration: a URL or a Service, not both.</summary>
    public static void Validate(JsonMap? config, FieldPath path, FieldErrors errors)
    {
        string? url = config?.String("url");
        JsonMap? service = config?.Map("service");
        if ((url is null) == (service is null))
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (url is not null)
        {
            Url(url, path.Child("url"), errors);
        }
        else
        {
            Service(service!, path.Child("service"), errors);
        }
    }

    private static void Url(string text, FieldPath path, FieldErrors errors)
    {
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = colon > 0 ? text[..colon].ToLowerInvariant() : "";
        string rest = colon > 0 ? text[(colon + 3)..] : text;
        string fragment = Cut(ref rest, '#'), query = Cut(ref rest, '?');
        string host = colon > 0 ? rest.Split('/')[0] : "", user = "";
        int at = host.LastIndexOf('@');
        if (at >= 0)
        {
            (user, host) = (host[..at], host[(at + 1)..]);
        }

        if (scheme != "https")
        {
            errors.Invalid(path, scheme, "'https' is the only allowed URL scheme" + Form);
        }

        if (host.Length == 0)
        {
            errors.Invalid(path, host, "host must be specified" + Form);
        }

        if (user.Length > 0)
        {
            errors.Invalid(path, user, "user information is not permitted in the URL");
        }

        if (fragment.Length > 0)
        {
            errors.Invalid(path, fragment, "fragments are not permitted in the URL");
        }

        if (query.Length > 0)
        {
            errors.Invalid(path, query, "query parameters are not permitted in the URL");
        }
    }

    private static string Cut(ref string text, char mark)
    {
        int at = text.IndexOf(mark);
        if (at < 0)
        {
            return "";
        }

        string tail = text[(at + 1)..];
        text = text[..at];
        return tail;
    }

    private static void Service(JsonMap service, FieldPath path, FieldErrors errors)
    {
        // Kubernetes takes the two for each other: the one that is there is reported.
        foreach ((string name, string reported) in ((string, string)[])[("namespace", "name"), ("name", "namespace")])
        {
            if ((service.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(reported));
            }
        }

        long port = service.Integer("port") ?? 0;
        string faults = string.Join(", ", NameRules.PortNumber(port));
        if (faults.Length > 0)
        {
            errors.Invalid(path.Child("port"), port, "port is not valid: " + faults);
        }

        if (service.String("path") is not { } urlPath || urlPath is "/" or "")
        {
            return;
        }

        path = path.Child("path");
        if (urlPath == "//")
        {
            errors.Invalid(path, urlPath, "segment[0] may not be empty");
            return;
        }

        if (!urlPath.StartsWith('/'))
        {
            errors.Invalid(path, urlPath, "must start with a '/'");
        }

        string[] steps = (urlPath.EndsWith('/') ? urlPath[1..^1] : urlPath[1..]).Split('/');
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Length == 0)
            {
                errors.Invalid(path, urlPath, $"segment[{i}] may not be empty");
                continue;
            }

            foreach (string fault in NameRules.DnsSubdomain(steps[i]))
            {
                errors.Invalid(path, urlPath, $"segment[{i}]: {fault}");
            }
        }
    }
}
