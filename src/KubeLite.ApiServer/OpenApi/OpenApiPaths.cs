using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>The paths of resources in OpenAPI: which methods there are, of which kind, with which parameters.</summary>
/// <param name="v3">True for v3.</param>
/// <param name="schemas">Where types are referred to.</param>
/// <param name="facts">The built-in types.</param>
public sealed class OpenApiPaths(bool v3, OpenApiSchemas schemas, ApiFacts facts)
{
    private static readonly string[] s_patchTypes =
    [
        "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ];

    private static readonly (string Verb, string Method, string Action)[] s_collection =
    [
        ("list", "get", "list"), ("create", "post", "post"), ("deletecollection", "delete", "deletecollection"),
    ];

    private static readonly (string Verb, string Method, string Action)[] s_object =
    [
        ("get", "get", "get"), ("update", "put", "put"), ("patch", "patch", "patch"), ("delete", "delete", "delete"),
    ];

    /// <summary>Adds the paths of a resource and its subresources.</summary>
    public void Add(JsonMap paths, ResourceDefinition definition)
    {
        ResourceFacts resource = definition.Facts;
        string root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        string collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Name}" : $"{root}/{resource.Name}";
        Put(paths, collection, definition, resource, s_collection, false);
        Put(paths, collection + "/{name}", definition, resource, s_object, true);
        if (resource.Namespaced && resource.Supports("list"))
        {
            Put(paths, $"{root}/{resource.Name}", definition, resource, [("list", "get", "list")], false);
        }

        foreach (ResourceFacts sub in definition.Subresources.Values.OrderBy(s => s.Subresource, StringComparer.Ordinal))
        {
            Put(paths, $"{collection}/{{name}}/{sub.Subresource}", definition, sub, [("create", "post", "connect"), .. s_object], true);
        }
    }

    private void Put(
        JsonMap paths, string path, ResourceDefinition definition, ResourceFacts resource,
        (string Verb, string Method, string Action)[] methods, bool named)
    {
        var item = new JsonMap();
        foreach ((string verb, string method, string action) in methods)
        {
            if (resource.Supports(verb))
            {
                item.Append(method, Operation(definition, resource, verb, action, path));
            }
        }

        if (item.Count == 0)
        {
            return;
        }

        var parameters = new JsonList();
        if (named)
        {
            parameters.Add(Parameter("name", "path", "string", "name of the " + resource.Kind.Kind));
        }

        if (path.Contains("{namespace}", StringComparison.Ordinal))
        {
            parameters.Add(Parameter("namespace", "path", "string", "object name and auth scope, such as for teams and projects"));
        }

        if (parameters.Count > 0)
        {
            item.Append("parameters", parameters);
        }

        paths.Append(path, item);
    }

    private JsonMap Operation(ResourceDefinition definition, ResourceFacts resource, string verb, string action, string path)
    {
        GroupVersionKind kind = resource.Kind;
        bool list = verb is "list" or "deletecollection";
        bool custom = definition.Custom && kind == definition.Kind;
        JsonMap? type = custom
            ? schemas.Reference(definition, list: false)
            : facts.TryGetKind(kind, out Schema? schema) ? schemas.Reference(schema)
            : null;
        JsonMap? answer = type;
        if (verb == "list" && custom)
        {
            answer = schemas.Reference(definition, list: true);
        }
        else if (verb == "list" && facts.TryGetKind(kind with { Kind = kind.Kind + "List" }, out Schema? listSchema))
        {
            answer = schemas.Reference(listSchema);
        }
        else if (verb is "delete" or "deletecollection")
        {
            answer = schemas.Reference(facts.Type("io.k8s.apimachinery.pkg.apis.meta.v1.Status"));
        }

        var operation = new JsonMap();
        string scope = path.Contains("{namespace}", StringComparison.Ordinal) ? "Namespaced" : "";
        operation.Append("operationId", Id(definition, resource, action, scope, list));
        string group = resource.Group.Length == 0 ? "core" : resource.Group.Split('.')[0];
        operation.Append("tags", new JsonList { $"{group}_{resource.Version}" });
        var parameters = new JsonList();
        foreach ((string name, string parameterType) in Parameters(verb))
        {
            parameters.Add(Parameter(name, "query", parameterType, ""));
        }

        bool body = verb is "create" or "update" or "patch" or "delete" or "deletecollection";
        if (body)
        {
            JsonMap bodyType = verb switch
            {
                "patch" => schemas.Reference(facts.Type("io.k8s.apimachinery.pkg.apis.meta.v1.Patch")),
                "delete" or "deletecollection" => schemas.Reference(facts.Type("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")),
                _ => type ?? new JsonMap { { "type", "object" } },
            };
            bool required = verb is "create" or "update" or "patch";
            if (v3)
            {
                var content = new JsonMap();
                foreach (string mediaType in verb == "patch" ? PatchTypes(definition) : ["*/*"])
                {
                    content.Append(mediaType, new JsonMap { { "schema", bodyType.DeepCopy() } });
                }

                var requestBody = new JsonMap { { "content", content } };
                if (required)
                {
                    requestBody.Append("required", true);
                }

                operation.Append("requestBody", requestBody);
            }
            else
            {
                var parameter = new JsonMap { { "in", "body" }, { "name", "body" } };
                if (required)
                {
                    parameter.Append("required", true);
                }

                parameter.Append("schema", bodyType);
                parameters.Add(parameter);
            }
        }

        operation.Append("parameters", parameters);
        if (!v3)
        {
            operation.Append("consumes", new JsonList(verb == "patch" ? PatchTypes(definition) : ["*/*"]));
            operation.Append("produces", definition.Custom
                ? new JsonList { "application/json", "application/yaml" }
                : new JsonList { "application/json", "application/yaml", "application/vnd.kubernetes.protobuf" });
            operation.Append("schemes", new JsonList { "https" });
        }

        operation.Append("responses", Responses(verb, answer));
        operation.Append("x-kubernetes-action", action);
        operation.Append("x-kubernetes-group-version-kind", OpenApiSchemas.Kind(kind));
        return operation;
    }

    /// <summary>Strategies of merging are said of built-in types only.</summary>
    private static string[] PatchTypes(ResourceDefinition definition) =>
        definition.Custom ? [.. s_patchTypes.Where(t => !t.Contains("strategic", StringComparison.Ordinal))] : s_patchTypes;

    private JsonMap Responses(string verb, JsonMap? answer)
    {
        var responses = new JsonMap();
        string[] codes = verb switch
        {
            "create" => ["200", "201", "202"],
            "update" or "patch" => ["200", "201"],
            "delete" => ["200", "202"],
            _ => ["200"],
        };
        foreach (string code in codes)
        {
            var response = new JsonMap { { "description", code switch { "201" => "Created", "202" => "Accepted", _ => "OK" } } };
            if (answer is not null)
            {
                if (v3)
                {
                    response.Append("content", new JsonMap { { "application/json", new JsonMap { { "schema", answer.DeepCopy() } } } });
                }
                else
                {
                    response.Append("schema", answer.DeepCopy());
                }
            }

            responses.Append(code, response);
        }

        responses.Append("401", new JsonMap { { "description", "Unauthorized" } });
        return responses;
    }

    private static (string Name, string Type)[] Parameters(string verb) => verb switch
    {
        "create" or "update" => [("pretty", "string"), ("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")],
        "patch" =>
            [("pretty", "string"), ("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"), ("force", "boolean")],
        "delete" => [
            ("pretty", "string"), ("dryRun", "string"), ("gracePeriodSeconds", "integer"), ("orphanDependents", "boolean"),
            ("propagationPolicy", "string"),
        ],
        "list" or "deletecollection" =>
        [
            ("pretty", "string"), ("allowWatchBookmarks", "boolean"), ("continue", "string"), ("fieldSelector", "string"),
            ("labelSelector", "string"),
            ("limit", "integer"), ("resourceVersion", "string"), ("resourceVersionMatch", "string"), ("sendInitialEvents", "boolean"),
            ("timeoutSeconds", "integer"), ("watch", "boolean"),
        ],
        _ => [("pretty", "string")],
    };

    private JsonMap Parameter(string name, string where, string type, string description)
    {
        var parameter = new JsonMap { { "name", name }, { "in", where } };
        if (description.Length > 0)
        {
            parameter.Append("description", description);
        }

        if (where == "path")
        {
            parameter.Append("required", true);
        }

        if (v3)
        {
            parameter.Append("schema", new JsonMap { { "type", type }, { "uniqueItems", true } });
        }
        else
        {
            parameter.Append("type", type);
            parameter.Append("uniqueItems", true);
        }

        return parameter;
    }

    private static string Id(ResourceDefinition definition, ResourceFacts resource, string action, string scope, bool list)
    {
        string group = resource.Group.Length == 0
            ? "Core"
            : string.Concat(resource.Group.Replace(".k8s.io", "", StringComparison.Ordinal).Split('.').Select(Capital));
        string verb = action switch
        {
            "get" => "read",
            "put" => "replace",
            "post" => "create",
            "deletecollection" => "deleteCollection",
            _ => action,
        };
        string suffix = resource.Subresource.Length > 0 ? Capital(resource.Subresource) : "";
        string all = list && scope.Length == 0 && definition.Namespaced ? "ForAllNamespaces" : "";
        return $"{verb}{group}{Capital(resource.Version)}{scope}{definition.Kind.Kind}{suffix}{all}";
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.InvariantCulture) + text[1..];
}
