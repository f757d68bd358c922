using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates how a Pod resolves names (Kubernetes v1.36, <c>validatePodDNSConfig</c>).</summary>
public static class PodDnsValidation
{
    private const int MaxServers = 3;
    private const int MaxSearches = 32;
    private const int MaxSearchCharacters = 2048;

    /// <summary>Adds the faults of the configuration; without a policy of None it may be absent.</summary>
    public static void Validate(JsonMap? config, string? policy, FieldPath path, FieldErrors errors)
    {
        if (policy == "None")
        {
            if (config is null)
            {
                errors.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }

            if (config.List("nameservers") is not { Count: > 0 })
            {
                errors.Required(path.Child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }

        if (config is null)
        {
            return;
        }

        Servers(config.List("nameservers"), path.Child("nameservers"), errors);
        Searches(config.List("searches"), path.Child("searches"), errors);
        int index = 0;
        foreach (JsonMap option in config.List("options")?.Maps() ?? [])
        {
            if ((option.String("name") ?? "").Length == 0)
            {
                errors.Required(path.Child("options").Index(index), "must not be empty");
            }

            index++;
        }
    }

    private static void Servers(JsonList? servers, FieldPath path, FieldErrors errors)
    {
        if (servers is { Count: > MaxServers })
        {
            errors.Invalid(path, servers, $"must not have more than {MaxServers} nameservers");
        }

        int index = 0;
        foreach (string server in servers?.Strings() ?? [])
        {
            FieldRules.Address(server, path.Index(index++), errors);
        }
    }

    private static void Searches(JsonList? searches, FieldPath path, FieldErrors errors)
    {
        if (searches is { Count: > MaxSearches })
        {
            errors.Invalid(path, searches, $"must not have more than {MaxSearches} search paths");
        }

        if (searches is not null && string.Join(' ', searches.Strings()).Length > MaxSearchCharacters)
        {
            errors.Invalid(
                path, searches, $"must not have more than {MaxSearchCharacters} characters (including spaces) in the search list");
        }

        int index = 0;
        foreach (string search in searches?.Strings() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (search != ".")
            {
                string trimmed = search.EndsWith('.') ? search[..^1] : search;
                FieldRules.Follows(NameRules.DnsSubdomainWithUnderscore(trimmed), trimmed, at, errors);
            }
        }
    }
}
