using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// Writes the operations of a path in the form of a version of OpenAPI. Parameters that all operations have stand with the path
/// (kube-openapi's builder), and all are in order of name.
/// </summary>
internal static class OpenApiPathItem
{
    /// <summary>Writes a path.</summary>
    /// <param name="v3">True for v3.</param>
    /// <param name="operations">Its operations, with different methods.</param>
    public static JsonMap Write(bool v3, IReadOnlyList<OpenApiOperation> operations)
    {
        HashSet<OpenApiParameter> common = [.. operations[0].Parameters];
        foreach (OpenApiOperation operation in operations.Skip(1))
        {
            common.IntersectWith(operation.Parameters);
        }

        var item = new JsonMap();
        foreach (OpenApiOperation operation in operations.OrderBy(o => o.Method, StringComparer.Ordinal))
        {
            item.Append(operation.Method, Write(v3, operation, operation.Parameters.Where(p => !common.Contains(p))));
        }

        if (common.Count > 0)
        {
            item.Append("parameters", Sorted(v3, common, null));
        }

        return item;
    }

    private static JsonMap Write(bool v3, OpenApiOperation operation, IEnumerable<OpenApiParameter> own)
    {
        var json = new JsonMap();
        if (!v3 && operation.Consumes.Count > 0)
        {
            json.Append("consumes", new JsonList(operation.Consumes));
        }

        if (operation.Description is not null)
        {
            json.Append("description", operation.Description);
        }

        json.Append("operationId", operation.Id);
        JsonList parameters = Sorted(v3, own, v3 ? null : operation);
        if (parameters.Count > 0)
        {
            json.Append("parameters", parameters);
        }

        if (!v3 && operation.Produces.Count > 0)
        {
            json.Append("produces", new JsonList(operation.Produces));
        }

        if (v3 && operation.Body is { } body)
        {
            var request = new JsonMap { { "content", Content(operation.Consumes, body) } };
            if (operation.BodyRequired)
            {
                request.Append("required", true);
            }

            json.Append("requestBody", request);
        }

        json.Append("responses", Responses(v3, operation));
        if (!v3)
        {
            json.Append("schemes", new JsonList { "https" });
        }

        json.Append("tags", new JsonList { operation.Tag });
        if (operation.Action is not null)
        {
            json.Append("x-kubernetes-action", operation.Action);
        }

        if (operation.Kind is { } kind)
        {
            json.Append("x-kubernetes-group-version-kind", OpenApiSchemas.Kind(kind));
        }

        return json;
    }

    private static JsonMap Responses(bool v3, OpenApiOperation operation)
    {
        var responses = new JsonMap();
        foreach (string code in operation.Answer is null ? [] : operation.Codes)
        {
            var response = new JsonMap();
            if (v3)
            {
                response.Append("content", Content(operation.Produces, operation.Answer!));
            }

            response.Append("description", code switch { "201" => "Created", "202" => "Accepted", _ => "OK" });
            if (!v3)
            {
                response.Append("schema", operation.Answer!.DeepCopy());
            }

            responses.Append(code, response);
        }

        responses.Append("401", new JsonMap { { "description", "Unauthorized" } });
        return responses;
    }

    private static JsonMap Content(IReadOnlyList<string> mediaTypes, JsonMap schema)
    {
        var content = new JsonMap();
        foreach (string mediaType in mediaTypes.Order(StringComparer.Ordinal))
        {
            content.Append(mediaType, new JsonMap { { "schema", schema.DeepCopy() } });
        }

        return content;
    }

    private static JsonList Sorted(bool v3, IEnumerable<OpenApiParameter> parameters, OpenApiOperation? withBodyOf)
    {
        IEnumerable<(string Name, string In, JsonMap Json)> all = parameters.Select(p => (p.Name, p.In, Write(v3, p)));
        if (withBodyOf?.Body is { } body)
        {
            var json = new JsonMap { { "name", "body" }, { "in", "body" } };
            if (withBodyOf.BodyRequired)
            {
                json.Append("required", true);
            }

            json.Append("schema", body.DeepCopy());
            all = all.Append(("body", "body", json));
        }

        return new JsonList(
            all.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.In, StringComparer.Ordinal).Select(p => (object?)p.Json));
    }

    /// <summary>In the order of Go's fields, of which the names of shared parameters are a hash.</summary>
    private static JsonMap Write(bool v3, OpenApiParameter parameter)
    {
        var json = new JsonMap();
        if (!v3)
        {
            json.Append("uniqueItems", true);
            json.Append("type", parameter.Type);
        }

        if (parameter.Description is not null)
        {
            json.Append("description", parameter.Description);
        }

        json.Append("name", parameter.Name);
        json.Append("in", parameter.In);
        if (parameter.In == "path")
        {
            json.Append("required", true);
        }

        if (v3)
        {
            json.Append("schema", new JsonMap { { "type", parameter.Type }, { "uniqueItems", true } });
        }

        return json;
    }
}
