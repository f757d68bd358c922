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
    /// <summary>The media type of server-side apply.</summary>
    public const string ApplyYaml = "application/apply-patch+yaml";

    /// <summary>Patches an object or one of its parts that a subresource writes.</summary>
    public async Task PatchAsync(ApiRequest request, ResourceDefinition definition)
    {
        string type = RequireType(request, definition);
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "PatchOptions", type == ApplyYaml);
        (WrittenObject stored, bool created) = await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", options.DryRun),
            Change(request, definition, options, type, body),
            type == ApplyYaml && request.Info.Subresource.Length == 0,
            request.Aborted);
        await WriteEndpoint.AnswerAsync(request, definition, created ? 201 : 200, stored, format);
    }

    /// <summary>The media type of a patch.</summary>
    /// <exception cref="ApiException">415: the resource takes no such patches.</exception>
    public static string RequireType(ApiRequest request, ResourceDefinition definition)
    {
        string type = RequestBody.MediaType(request);
        bool known = type is "application/json-patch+json" or "application/merge-patch+json" or ApplyYaml ||
            (type == "application/strategic-merge-patch+json" && !definition.Custom);
        if (known)
        {
            return type;
        }

        throw new ApiException(415, "UnsupportedMediaType", !definition.Custom
            ? "415: Unsupported Media Type"
            : "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            !definition.Custom ? new("", "", "") : null);
    }

    /// <summary>
    /// What a patch makes of an object, decoded and with its managed fields; null stands for an object that an apply creates.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="definition">What the object is.</param>
    /// <param name="options">The request's options.</param>
    /// <param name="type">The patch's media type.</param>
    /// <param name="body">The patch.</param>
    public Func<JsonMap?, JsonMap> Change(
        ApiRequest request, ResourceDefinition definition, WriteOptions options, string type, byte[] body) =>
        type == ApplyYaml ? ApplyChange(request, definition, options, body) : PatchChange(request, definition, options, type, body);

    private Func<JsonMap?, JsonMap> PatchChange(
        ApiRequest request, ResourceDefinition definition, WriteOptions options, string type, byte[] body)
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
                StrictFaults.Warn(request, strict);
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
            string group = definition.Kind.Group.Length == 0 ? "core" : definition.Kind.Group.Split('.')[0];
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
        AppliedConfiguration? configuration = null;
        FieldManager fields = writes.Fields(definition, request.Info.Subresource);
        return old =>
        {
            configuration ??= new AppliedConfiguration(definition, body);
            JsonMap merged = configuration.MergeInto(
                old ?? ObjectCodec.Empty(definition), fields, options, ApiTime.Format(request.Now), codec);
            configuration.Report(request, options.FieldValidation);
            if (old is null && configuration.Uid.Length > 0)
            {
                throw ApiException.Conflict(
                    definition.Group, definition.Name, request.Info.Name,
                    $"uid mismatch: the provided object specified uid {configuration.Uid}, and no existing object was found");
            }

            CheckPatched(request, definition, merged);
            OwnerReferences.DropDuplicates(request, merged, admitted: true);
            return merged;
        };
    }
}
