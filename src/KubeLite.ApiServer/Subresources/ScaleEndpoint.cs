using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Patches;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>The scale of workloads: an autoscaling/v1 Scale over spec.replicas.</summary>
public sealed class ScaleEndpoint(ReadEndpoint reads, WriteEndpoint writes, ObjectStore objects)
{
    /// <summary>Answers GET, PUT and PATCH of a scale.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        if (request.Info.Verb == "get")
        {
            JsonMap obj = await reads.FindAsync(request, definition);
            await ObjectResponse.SendAsync(request, 200, Scale(obj, definition), format);
            return;
        }

        bool patch = request.Info.Verb == "patch";
        WriteOptions options = WriteOptions.Of(request, patch ? "PatchOptions" : "UpdateOptions", RequestBody.MediaType(request) == "application/apply-patch+yaml");
        byte[] body = await RequestBody.ReadAsync(request);
        string type = RequestBody.MediaType(request);
        JsonMap? sent = patch ? null : RequestBody.Parse(request, body, "Scale", []);
        object? change = patch ? ReadPatch(body) : null;
        (JsonMap stored, _) = await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", options.DryRun),
            old =>
            {
                JsonMap scale = sent?.DeepCopy() ?? (type switch
                {
                    "application/json-patch+json" => JsonPatch.Apply(Scale(old!, definition), change) as JsonMap,
                    _ => MergePatch.Apply(Scale(old!, definition), change),
                } ?? new JsonMap());
                Check(scale, request.Info.Name);
                JsonMap obj = old!.DeepCopy();
                SimplePath.Set(obj, definition.Strategy.Scale?.Spec ?? ".spec.replicas", scale.Map("spec")?.Integer("replicas") ?? 0);
                string revision = scale.Map("metadata")?.String("resourceVersion") ?? "";
                obj.MapAt("metadata")["resourceVersion"] = revision.Length > 0 ? revision : obj.MapAt("metadata")["resourceVersion"];
                Normalizer.Normalize(obj, definition.Schema);
                writes.Fields(definition, "scale").Update(old, obj, options.FieldManager, ApiTime.Format(request.Now));
                // Kubernetes carries these entries over from the Scale, which has no times.
                foreach (JsonMap entry in obj.MapAt("metadata").List("managedFields")?.Maps().Where(e => e.String("subresource") == "scale") ?? [])
                {
                    entry.Remove("time");
                }

                return obj;
            },
            mayCreate: false,
            request.Aborted);
        await ObjectResponse.SendAsync(request, 200, Scale(ObjectCodec.FromStorage(stored, definition), definition), format);
    }

    private static object? ReadPatch(byte[] body)
    {
        try
        {
            return YamlOrJson(body);
        }
        catch (JsonSyntaxException e)
        {
            throw ApiException.BadRequest($"error decoding patch: {e.Message}");
        }

        static object? YamlOrJson(byte[] text) => text.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]
            ? JsonReading.Read(text)
            : YamlReading.Read(System.Text.Encoding.UTF8.GetString(text));
    }

    private static void Check(JsonMap scale, string name)
    {
        if (scale.Map("metadata")?.String("name") is { Length: > 0 } given && given != name)
        {
            throw ApiException.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        }

        if (scale.Map("spec")?.Integer("replicas") is < 0 and var replicas)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec", "replicas"), replicas, "must be greater than or equal to 0");
            throw ApiException.Invalid("autoscaling", "Scale", name, errors);
        }
    }

    private static JsonMap Scale(JsonMap obj, ResourceDefinition definition)
    {
        ScalePaths? paths = definition.Strategy.Scale;
        if (paths is not null && SimplePath.Get(obj, paths.Spec) is null)
        {
            throw ApiException.Internal($"the spec replicas field {FieldError.GoQuote(paths.Spec)} does not exist");
        }

        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        var own = new JsonMap();
        foreach (string name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (metadata[name] is { } value)
            {
                own.Append(name, value);
            }
        }

        var status = new JsonMap { { "replicas", SimplePath.Get(obj, paths?.Status ?? ".status.replicas") as long? ?? 0 } };
        JsonMap? selector = spec.Map("selector");
        if (paths is not null)
        {
            if (paths.Selector is { Length: > 0 } path && SimplePath.Get(obj, path) is string { Length: > 0 } text)
            {
                status.Append("selector", text);
            }
        }
        else if (selector is not null)
        {
            // A ReplicationController's selector is the labels themselves.
            bool plain = obj.String("kind") == "ReplicationController";
            JsonMap full = plain ? new JsonMap { { "matchLabels", selector } } : selector;
            string text = LabelSelector.FromObject(full)?.ToString() ?? "";
            if (text.Length > 0)
            {
                status.Append("selector", text);
            }
        }

        var desired = new JsonMap();
        if (SimplePath.Get(obj, paths?.Spec ?? ".spec.replicas") is long replicas and not 0)
        {
            desired.Append("replicas", replicas);
        }

        return new JsonMap
        {
            { "kind", "Scale" },
            { "apiVersion", "autoscaling/v1" },
            { "metadata", own },
            { "spec", desired },
            { "status", status },
        };
    }
}
