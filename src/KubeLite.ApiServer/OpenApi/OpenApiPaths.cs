using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The paths of resources in OpenAPI: which methods there are, of which kind, with which parameters (apiserver's installer, and for
/// custom resources apiextensions' builder).
/// </summary>
/// <param name="v3">True for v3.</param>
/// <param name="schemas">Where types are referred to.</param>
/// <param name="parameters">What operations take.</param>
/// <param name="facts">The built-in types.</param>
internal sealed class OpenApiPaths(bool v3, OpenApiSchemas schemas, OpenApiParameters parameters, ApiFacts facts)
{
    private const string Json = "application/json", Yaml = "application/yaml", Protobuf = "application/vnd.kubernetes.protobuf";

    private static readonly string[] s_anything = ["*/*"];

    private static readonly string[] s_patchTypes =
        ["application/json-patch+json", "application/merge-patch+json",
            "application/strategic-merge-patch+json", "application/apply-patch+yaml"];

    private static readonly string[] s_connects = ["delete", "get", "head", "options", "patch", "post", "put"];

    private static readonly (string Verb, string Method)[] s_collection =
        [("list", "get"), ("create", "post"), ("deletecollection", "delete")];

    private static readonly (string Verb, string Method)[] s_object =
        [("get", "get"), ("update", "put"), ("patch", "patch"), ("delete", "delete")];

    /// <summary>Adds the paths of a resource and its subresources.</summary>
    public void Add(JsonMap paths, ResourceDefinition definition)
    {
        ResourceFacts resource = definition.Facts;
        string root = OpenApiNames.RootOf(resource.Group, resource.Version);
        string scoped = resource.Namespaced ? "/namespaces/{namespace}/" : "/";
        string collection = root + scoped + resource.Name;
        Put(
            paths, collection,
            s_collection.Where(m => resource.Supports(m.Verb)).Select(m => Operation(definition, resource, collection, m.Verb, m.Method)));
        string named = collection + "/{name}";
        Put(
            paths,
            named, s_object.Where(m => resource.Supports(m.Verb)).Select(m => Operation(definition, resource, named, m.Verb, m.Method)));
        string everywhere = $"{root}/{resource.Name}";
        if (resource.Namespaced && resource.Supports("list"))
        {
            Put(paths, everywhere, [Operation(definition, resource, everywhere, "list", "get")]);
        }

        foreach (ResourceFacts sub in definition.Subresources.Values.OrderBy(s => s.Subresource, StringComparer.Ordinal))
        {
            AddSubresource(paths, definition, sub, $"{named}/{sub.Subresource}");
        }

        if (resource.Supports("watch") && !definition.Custom)
        {
            AddWatches(paths, definition, resource, root, scoped);
        }
    }

    private void AddWatches(JsonMap paths, ResourceDefinition definition, ResourceFacts resource, string root, string scoped)
    {
        string collection = $"{root}/watch{scoped}{resource.Name}",
            named = collection + "/{name}", everywhere = $"{root}/watch/{resource.Name}";
        Put(paths, collection, [Operation(definition, resource, collection, "watch", "get")]);
        if (resource.Supports("get"))
        {
            Put(paths, named, [Operation(definition, resource, named, "watch", "get")]);
        }

        if (resource.Namespaced)
        {
            Put(paths, everywhere, [Operation(definition, resource, everywhere, "watch", "get")]);
        }
    }

    private void AddSubresource(JsonMap paths, ResourceDefinition definition, ResourceFacts sub, string path)
    {
        switch (sub.Subresource)
        {
            case "attach" or "exec" or "portforward":
                Put(paths, path, ((string[])["get", "post"]).Select(m => Connection(definition, sub, path, m)));
                break;
            case "proxy":
                Put(paths, path, s_connects.Select(m => Connection(definition, sub, path, m)));
                Put(paths, path + "/{path}", s_connects.Select(m => Connection(definition, sub, path + "/{path}", m)));
                break;
            default:
                IEnumerable<(string Verb, string Method)> methods = [("create", "post"), .. s_object];
                Put(paths, path, methods.Where(m => sub.Supports(m.Verb)).Select(m => Operation(definition, sub, path, m.Verb, m.Method)));
                break;
        }
    }

    private void Put(JsonMap paths, string path, IEnumerable<OpenApiOperation> operations)
    {
        OpenApiOperation[] all = [.. operations];
        if (all.Length > 0)
        {
            paths.Append(path, OpenApiPathItem.Write(v3, all));
        }
    }

    private OpenApiOperation Operation(ResourceDefinition definition, ResourceFacts resource, string path, string verb, string method)
    {
        bool one = path.Contains("{name}", StringComparison.Ordinal), log = resource.Subresource == "log";
        JsonMap? body = BodyOf(definition, resource, verb);
        return new OpenApiOperation
        {
            Method = method,
            Id = OpenApiNames.OperationOf(definition, resource, path, verb),
            Description = OpenApiNames.DescriptionOf(definition, resource, verb, one),
            Tag = OpenApiNames.TagOf(definition.Facts.Group, definition.Facts.Version),
            Parameters =
            [
                .. PathParameters(path, verb == "create" ? definition.Kind.Kind : resource.Kind.Kind),
                .. parameters.OfVerb(verb, definition.Custom),
                .. log ? parameters.OfConnection(definition.Kind.Kind, resource.Subresource) : [],
            ],
            Body = body,
            BodyRequired = verb is "create" or "update" or "patch",
            Consumes = ConsumedBy(definition, verb),
            Produces = ProducedBy(definition, verb, log),
            Codes = CodesOf(definition, verb),
            Answer = log ? new JsonMap { { "type", "string" } } : AnswerOf(definition, resource, verb),
            Action = verb switch { "create" => "post", "update" => "put", "watch" when !one => "watchlist", _ => verb },
            Kind = resource.Kind,
        };
    }

    private OpenApiOperation Connection(ResourceDefinition definition, ResourceFacts sub, string path, string method)
    {
        // Facts name the kind of the resource; what is sent are options, told in the query.
        GroupVersionKind options = definition.Kind with { Kind = $"{definition.Kind.Kind}{OptionsOf(sub.Subresource)}Options" };
        return new OpenApiOperation
        {
            Method = method,
            Id = OpenApiNames.ConnectionOf(definition, sub, path, method),
            Description = $"connect {method.ToUpperInvariant()} requests to {sub.Subresource} of {definition.Kind.Kind}",
            Tag = OpenApiNames.TagOf(definition.Facts.Group, definition.Facts.Version),
            Parameters = [.. PathParameters(path, options.Kind), .. parameters.OfConnection(definition.Kind.Kind, sub.Subresource)],
            Consumes = s_anything,
            Produces = s_anything,
            Answer = new JsonMap { { "type", "string" } },
            Action = "connect",
            Kind = options,
        };
    }

    private static string OptionsOf(string subresource) =>
        subresource switch { "portforward" => "PortForward", _ => OpenApiNames.Capital(subresource) };

    private IEnumerable<OpenApiParameter> PathParameters(string path, string kind)
    {
        if (path.Contains("{name}", StringComparison.Ordinal))
        {
            yield return OpenApiParameters.Name(kind);
        }

        if (path.Contains("{namespace}", StringComparison.Ordinal))
        {
            yield return parameters.Namespace;
        }

        if (path.EndsWith("/{path}", StringComparison.Ordinal))
        {
            yield return parameters.ProxyPath;
        }
    }

    private JsonMap? BodyOf(ResourceDefinition definition, ResourceFacts resource, string verb) => verb switch
    {
        "create" or "update" => TypeOf(definition, resource),
        "patch" => Meta("Patch"),
        "delete" => Meta("DeleteOptions"),
        "deletecollection" when !definition.Custom => Meta("DeleteOptions"),
        _ => null,
    };

    private JsonMap? AnswerOf(ResourceDefinition definition, ResourceFacts resource, string verb)
    {
        switch (verb)
        {
            case "watch":
                return Meta("WatchEvent");
            case "deletecollection":
            case "delete" when !definition.Strategy.ReturnsDeletedObject:
                return Meta("Status");
            case "list" when definition.Custom:
                return schemas.Reference(definition, list: true);
            case "list" when facts.TryGetKind(resource.Kind with { Kind = resource.Kind.Kind + "List" }, out Schema? list):
                return schemas.Reference(list);
            default:
                return TypeOf(definition, resource);
        }
    }

    private JsonMap? TypeOf(ResourceDefinition definition, ResourceFacts resource) => definition.Custom && resource.Kind == definition.Kind
        ? schemas.Reference(definition, list: false)
        : facts.TryGetKind(resource.Kind, out Schema? schema) ? schemas.Reference(schema) : null;

    private JsonMap Meta(string type) => schemas.Reference(facts.Type("io.k8s.apimachinery.pkg.apis.meta.v1." + type));

    private static string[] ConsumedBy(ResourceDefinition definition, string verb) => (verb, definition.Custom) switch
    {
        // Strategies of merging are said of built-in types only.
        ("patch", true) => [.. s_patchTypes.Where(t => !t.Contains("strategic", StringComparison.Ordinal))],
        ("patch", false) => s_patchTypes,
        (_, true) => [Json, Yaml],
        _ => s_anything,
    };

    private static string[] ProducedBy(ResourceDefinition definition, string verb, bool log) =>
    [
        .. log ? (string[])["text/plain"] : [], Json, Yaml, .. definition.Custom ? (string[])[] : [Protobuf],
        .. verb is "list" or "watch" && !definition.Custom ? (string[])[$"{Json};stream=watch", $"{Protobuf};stream=watch"] : [],
    ];

    private static string[] CodesOf(ResourceDefinition definition, string verb) => verb switch
    {
        "create" => ["200", "201", "202"],
        "update" => ["200", "201"],
        "patch" when !definition.Custom => ["200", "201"],
        "delete" => ["200", "202"],
        _ => ["200"],
    };
}
