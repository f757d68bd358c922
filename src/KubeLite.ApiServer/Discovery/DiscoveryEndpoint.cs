using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Discovery;

/// <summary>Says which groups, versions and resources are served, in the old form and the aggregated one (KEP-3352).</summary>
public sealed class DiscoveryEndpoint(ResourceRegistry registry, ApiFacts facts)
{
    /// <summary>Answers /api, /apis and what is directly below them.</summary>
    /// <returns>False where the path is none of these.</returns>
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        string[] parts = request.Info.Path.Trim('/').Split('/');
        if (parts[0] is not ("api" or "apis") || parts.Length > 3 || (parts[0] == "api" && parts.Length > 2))
        {
            return false;
        }

        bool core = parts[0] == "api";
        // The others are handlers that look at no method.
        bool routed = core || (parts.Length == 3 && registry.All.Any(d => d.Group == parts[1] && !d.Custom));
        if (routed && !HttpMethods.IsGet(request.Http.Request.Method))
        {
            throw ApiException.MethodNotAllowed();
        }

        if (parts.Length == 1)
        {
            if (AggregatedVersion(request) is { } version)
            {
                await SendAggregatedAsync(request, core, version);
            }
            else
            {
                await ObjectResponse.SendAsync(
                    request, 200, core ? CoreVersions(request) : GroupList(), ResponseFormat.Of(request.Http.Request, Responder.Plain));
            }

            return true;
        }

        JsonMap? answer = core ? ResourceList("", parts[1]) : parts.Length == 2 ? Group(parts[1]) : ResourceList(parts[1], parts[2]);
        if (answer is null)
        {
            if (routed)
            {
                throw ApiException.UnknownPath();
            }

            return false;
        }

        await ObjectResponse.SendAsync(request, 200, answer, ResponseFormat.Of(request.Http.Request, Responder.Plain));
        return true;
    }

    /// <summary>The groups that are served with their versions, the preferred first, in the order of discovery.</summary>
    public IReadOnlyList<(string Group, IReadOnlyList<string> Versions)> Groups()
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (ResourceFacts resource in facts.Resources)
        {
            order.TryAdd(resource.Group, order.Count);
        }

        return [.. registry.All.GroupBy(d => d.Group)
            .Select(g => (Group: g.Key, Versions: VersionsOf(g)))
            .OrderBy(g => order.GetValueOrDefault(g.Group, int.MaxValue)).ThenBy(g => g.Group, StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string> VersionsOf(IEnumerable<ResourceDefinition> group) =>
        [.. group.Select(d => d.Facts.Version).Distinct().Order(VersionOrder.Newest)];

    private static string? AggregatedVersion(ApiRequest request)
    {
        foreach (string clause in request.Http.Request.Headers.Accept.ToString().Split(','))
        {
            string[] parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/yaml"))
            {
                continue;
            }

            if (!parts.Contains("as=APIGroupDiscoveryList") || !parts.Contains("g=apidiscovery.k8s.io"))
            {
                return null;
            }

            if (parts.Contains("v=v2"))
            {
                return "v2";
            }

            if (parts.Contains("v=v2beta1"))
            {
                return "v2beta1";
            }
        }

        return null;
    }

    private async Task SendAggregatedAsync(ApiRequest request, bool core, string version)
    {
        var items = new JsonList();
        foreach ((string group, IReadOnlyList<string> versions) in Groups())
        {
            if (group.Length == 0 != core)
            {
                continue;
            }

            var list = new JsonList();
            foreach (string v in versions)
            {
                list.Add(new JsonMap
                {
                    { "version", v },
                    { "resources", new JsonList(Of(group, v).Select(d => (object?)Aggregated(d))) },
                    { "freshness", "Current" },
                });
            }

            var metadata = new JsonMap();
            if (!core)
            {
                metadata.Append("name", group);
            }

            items.Add(new JsonMap { { "metadata", metadata }, { "versions", list } });
        }

        var answer = new JsonMap
        {
            { "kind", "APIGroupDiscoveryList" },
            { "apiVersion", $"apidiscovery.k8s.io/{version}" },
            { "metadata", new JsonMap() },
            { "items", items },
        };
        byte[] body = ObjectResponse.Encode(answer, ResponseFormat.Json);
        string tag = $"\"{Convert.ToHexString(SHA512.HashData(body))}\"";
        var headers = request.Http.Response.Headers;
        headers.ETag = tag;
        headers.Vary = "Accept";
        if (HttpTags.Match(request.Http.Request.Headers.IfNoneMatch, tag))
        {
            request.Http.Response.StatusCode = 304;
            return;
        }

        await ObjectResponse.SendBytesAsync(
            request, 200, body, $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
    }

    private static JsonMap Aggregated(ResourceDefinition definition)
    {
        ResourceFacts resource = definition.Facts;
        var json = new JsonMap
        {
            { "resource", resource.Name },
            { "responseKind", ResponseKind(definition, resource) },
            { "scope", resource.Namespaced ? "Namespaced" : "Cluster" },
            { "singularResource", resource.Singular },
            { "verbs", new JsonList(resource.Verbs) },
        };
        Put(json, "shortNames", resource.ShortNames);
        Put(json, "categories", resource.Categories);
        if (definition.Subresources.Count > 0)
        {
            var list = new JsonList();
            foreach (ResourceFacts sub in Subresources(definition))
            {
                list.Add(new JsonMap
                {
                    { "subresource", sub.Subresource },
                    { "responseKind", ResponseKind(definition, sub) },
                    { "verbs", new JsonList(sub.Verbs) },
                });
            }

            json.Append("subresources", list);
        }

        return json;
    }

    private static JsonMap ResponseKind(ResourceDefinition definition, ResourceFacts resource)
    {
        // Built-in kinds of their own group and version leave these out; custom ones name them.
        (string group, string version) = definition.Custom && resource.ResponseGroupVersion.Version.Length == 0
            ? (definition.Group, definition.Facts.Version)
            : resource.ResponseGroupVersion;
        return new JsonMap { { "group", group }, { "version", version }, { "kind", resource.Kind.Kind } };
    }

    private static JsonMap CoreVersions(ApiRequest request) => new()
    {
        { "kind", "APIVersions" },
        { "versions", new JsonList { "v1" } },
        {
            "serverAddressByClientCIDRs",
            new JsonList
            {
                new JsonMap
                {
                    { "clientCIDR", "0.0.0.0/0" },
                    { "serverAddress", $"{request.Http.Connection.LocalIpAddress}:{request.Http.Connection.LocalPort}" },
                },
            }
        },
    };

    private JsonMap GroupList() => new()
    {
        { "kind", "APIGroupList" },
        { "apiVersion", "v1" },
        { "groups", new JsonList(Groups().Where(g => g.Group.Length > 0).Select(g => (object?)GroupOf(g.Group, g.Versions))) },
    };

    private JsonMap? Group(string name)
    {
        (string Group, IReadOnlyList<string> Versions) found = Groups().FirstOrDefault(g => g.Group == name && g.Group.Length > 0);
        if (found.Versions is null)
        {
            return null;
        }

        var answer = new JsonMap { { "kind", "APIGroup" }, { "apiVersion", "v1" } };
        foreach (var (key, value) in GroupOf(found.Group, found.Versions))
        {
            answer.Append(key, value);
        }

        return answer;
    }

    private static JsonMap GroupOf(string group, IReadOnlyList<string> versions)
    {
        JsonMap version(string v) => new() { { "groupVersion", $"{group}/{v}" }, { "version", v } };
        return new JsonMap
        {
            { "name", group },
            { "versions", new JsonList(versions.Select(v => (object?)version(v))) },
            { "preferredVersion", version(versions[0]) },
        };
    }

    private JsonMap? ResourceList(string group, string version)
    {
        List<ResourceDefinition> definitions = [.. Of(group, version)];
        if (definitions.Count == 0)
        {
            return null;
        }

        var resources = new JsonList();
        foreach (ResourceDefinition definition in definitions)
        {
            resources.Add(Entry(definition, definition.Facts));
            foreach (ResourceFacts sub in Subresources(definition))
            {
                resources.Add(Entry(definition, sub));
            }
        }

        return new JsonMap
        {
            { "kind", "APIResourceList" },
            { "apiVersion", "v1" },
            { "groupVersion", group.Length == 0 ? version : $"{group}/{version}" },
            { "resources", resources },
        };
    }

    private static JsonMap Entry(ResourceDefinition definition, ResourceFacts resource)
    {
        bool sub = resource.Subresource.Length > 0;
        var entry = new JsonMap
        {
            { "name", sub ? $"{resource.Name}/{resource.Subresource}" : resource.Name },
            { "singularName", sub ? "" : resource.Singular },
            { "namespaced", resource.Namespaced },
        };
        if (resource.ResponseGroupVersion.Version.Length > 0)
        {
            if (resource.ResponseGroupVersion.Group.Length > 0)
            {
                entry.Append("group", resource.ResponseGroupVersion.Group);
            }

            entry.Append("version", resource.ResponseGroupVersion.Version);
        }

        entry.Append("kind", resource.Kind.Kind);
        entry.Append("verbs", new JsonList(resource.Verbs));
        Put(entry, "shortNames", resource.ShortNames);
        Put(entry, "categories", resource.Categories);
        if (!sub && resource.Supports("list"))
        {
            string stored = $"{definition.StorageKind.Group}/{definition.StorageKind.Version}/{definition.StorageKind.Kind}";
            entry.Append("storageVersionHash", Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(stored))[..8]));
        }

        return entry;
    }

    /// <summary>Subresources in the order in which they are named: custom resources have status before scale.</summary>
    private static IEnumerable<ResourceFacts> Subresources(ResourceDefinition definition) => definition.Custom
        ? definition.Subresources.Values.OrderByDescending(s => s.Subresource, StringComparer.Ordinal)
        : definition.Subresources.Values.OrderBy(s => s.Subresource, StringComparer.Ordinal);

    private IEnumerable<ResourceDefinition> Of(string group, string version) => registry.All
        .Where(d => d.Group == group && d.Facts.Version == version)
        .OrderBy(d => d.Name, StringComparer.Ordinal);

    private static void Put(JsonMap json, string key, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            json.Append(key, new JsonList(values));
        }
    }
}
