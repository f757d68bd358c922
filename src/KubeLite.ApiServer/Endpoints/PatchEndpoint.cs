using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.ManagedFields;
using KubeLite.ApiMachinery.Patches;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>PATCH in its four forms: JSON patch, merge patch, strategic merge patch and server-side apply.</summary>
public sealed class PatchEndpoint(ObjectCodec codec, ObjectStore objects, WriteEndpoint writes)
{
    private const string ApplyYaml = "application/apply-patch+yaml";

    /// <summary>Patches an object or one of its parts that a subresource writes.</summary>
    public async Task PatchAsync(ApiRequest request, ResourceDefinition definition)
    {
        string type = RequestBody.MediaType(request);
        bool known = type is "application/json-patch+json" or "application/merge-patch+json" or ApplyYaml ||
            (type == "application/strategic-merge-patch+json" && !definition.Custom);
        if (!known)
        {
            throw new ApiException(415, "UnsupportedMediaType", !definition.Custom
                ? "415: Unsupported Media Type"
                : "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                !definition.Custom ? new("", "", "") : null);
        }

        bool apply = type == ApplyYaml;
        WriteOptions options = WriteOptions.Of(request, "PatchOptions", apply);
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, list: false);
        byte[] body = await RequestBody.ReadAsync(request);
        Func<JsonMap?, JsonMap> change = apply
            ? ApplyChange(request, definition, options, body)
            : PatchChange(request, definition, options, type, body);
        (JsonMap stored, bool created) = await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", options.DryRun),
            change,
            apply && request.Info.Subresource.Length == 0,
            request.Aborted);
        await WriteEndpoint.AnswerAsync(request, definition, created ? 201 : 200, stored, format);
    }

    private Func<JsonMap?, JsonMap> PatchChange(ApiRequest request, ResourceDefinition definition, WriteOptions options, string type, byte[] body)
    {
        var patch = new SentPatch(type, body, options.FieldValidation != "Ignore");
        FieldManager fields = writes.Fields(definition, request.Info.Subresource);
        return old =>
        {
            JsonMap patched;
            try
            {
                patched = Decode(request, definition, options, patch, old!);
            }
            catch (PatchException e)
            {
                throw PatchErrors.Translate(e);
            }

            CheckPatched(request, definition, patched);
            fields.Update(old!, patched, options.FieldManager, ApiTime.Format(request.Now));
            OwnerReferences.DropDuplicates(request, patched, admitted: true);
            return patched;
        };
    }

    /// <summary>Applies a patch and decodes what it made.</summary>
    private JsonMap Decode(ApiRequest request, ResourceDefinition definition, WriteOptions options, SentPatch patch, JsonMap current)
    {
        try
        {
            JsonMap patched = patch.Apply(current, definition.Schema);
            if (patch.IsStrategic)
            {
                // It is carried out on the typed object, whose kind nothing in it can change.
                patched["kind"] = definition.Kind.Kind;
                patched["apiVersion"] = definition.Kind.ApiVersion;
                UnstructuredCheck.Run(patched, definition.Schema);
            }

            RequireKind(definition, patched);
            var unknown = new List<string>();
            codec.Decode(patched, definition, unknown);
            if (patch.IsStrategic)
            {
                unknown.Sort(StringComparer.Ordinal);
            }

            List<string> strict = [.. patch.Faults, .. unknown.Select(u => $"unknown field \"{u}\"")];
            if (strict.Count > 0 && options.FieldValidation == "Strict")
            {
                throw new DecodeException("strict decoding error: " + string.Join(", ", strict));
            }

            if (options.FieldValidation == "Warn")
            {
                strict.ForEach(request.Warn);
            }

            return patched;
        }
        catch (DecodeException e)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("patch"), patch.Shown(current, definition.Schema), e.Message);
            throw ApiException.Invalid("", "", "", errors);
        }
    }

    private static void RequireKind(ResourceDefinition definition, JsonMap patched)
    {
        string apiVersion = patched.String("apiVersion") ?? "", kind = patched.String("kind") ?? "";
        if (kind != definition.Kind.Kind || apiVersion != definition.Kind.ApiVersion)
        {
            string from = $"{apiVersion[(apiVersion.IndexOf('/') + 1)..]}.{kind}";
            string group = definition.Group.Length == 0 ? "core" : definition.Group.Split('.')[0];
            throw new DecodeException($"converting ({from}) to ({group}.{definition.Kind.Kind}): unknown conversion");
        }
    }

    private static void CheckPatched(ApiRequest request, ResourceDefinition definition, JsonMap patched)
    {
        JsonMap metadata = patched.MapAt("metadata");
        WriteEndpoint.EnsureNamespace(request, definition, metadata);
        WriteEndpoint.EnsureName(request, metadata);
    }

    private Func<JsonMap?, JsonMap> ApplyChange(ApiRequest request, ResourceDefinition definition, WriteOptions options, byte[] body)
    {
        JsonMap config;
        var duplicates = new List<string>();
        try
        {
            config = YamlReading.Read(Encoding.UTF8.GetString(body), duplicates) as JsonMap ?? new JsonMap();
        }
        catch (JsonSyntaxException e)
        {
            throw ApiException.BadRequest($"error decoding YAML: {e.Message}");
        }

        string kind = config.String("kind") ?? "", apiVersion = config.String("apiVersion") ?? "";
        if (kind != definition.Kind.Kind || apiVersion != definition.Kind.ApiVersion)
        {
            var sent = ApiMachinery.Facts.GroupVersionKind.Parse(apiVersion, kind);
            throw ApiException.BadRequest($"invalid object type: {sent.Group}/{sent.Version}, Kind={kind}");
        }

        JsonMap metadata = config.MapAt("metadata");
        string name = metadata.String("name") ?? "";
        if (name != request.Info.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Info.Name})");
        }

        if (definition.Namespaced && metadata.String("namespace") is { Length: > 0 } ns && ns != request.Info.ObjectNamespace)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (metadata["managedFields"] is not null)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        var unknown = new List<string>();
        string identity = $"{metadata.String("namespace")}/{name}; {definition.Group}/{definition.Kind.Version}, Kind={kind}";
        try
        {
            SchemaDecoder.Decode(config, definition.Schema, unknown);
        }
        catch (DecodeException e)
        {
            throw ApiException.Bare($"failed to create typed patch object ({identity}): {e.Message}");
        }

        if (unknown.Count > 0)
        {
            string faults = string.Join("\n", unknown.Select(u => $".{u}: field not declared in schema"));
            throw ApiException.Bare($"failed to create typed patch object ({identity}): {(unknown.Count > 1 ? "errors:\n" + string.Join("\n", unknown.Select(u => $"  .{u}: field not declared in schema")) : faults)}");
        }

        try
        {
            AppliedLists.CheckUnique(config, definition.Schema);
        }
        catch (ManagedFieldsException e)
        {
            throw ApiException.Bare($"failed to create typed patch object ({identity}): {e.Message}");
        }

        FieldManager fields = writes.Fields(definition, request.Info.Subresource);
        string revision = metadata.String("resourceVersion") ?? "";
        return old =>
        {
            JsonMap live = old ?? ObjectCodec.Empty(definition);
            if (old is null)
            {
                if (metadata.String("uid") is { Length: > 0 } uid)
                {
                    throw ApiException.Conflict(definition.Group, definition.Name, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
                }

                JsonMap fresh = live.MapAt("metadata");
                fresh["name"] = name;
                if (definition.Namespaced)
                {
                    fresh["namespace"] = request.Info.ObjectNamespace;
                }
            }

            try
            {
                (JsonMap merged, _) = fields.Apply(live, config, options.FieldManager, options.Force, ApiTime.Format(request.Now));
                codec.Default(merged, definition);
                if (old is not null && revision.Length > 0)
                {
                    merged.MapAt("metadata")["resourceVersion"] = revision;
                }

                return merged;
            }
            catch (ApplyConflictException e)
            {
                throw e.ToApiException();
            }
            catch (ManagedFieldsException e)
            {
                throw ApiException.Bare(e.Message);
            }
        };
    }
}
