using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>PUT of namespaces/NAME/finalize: the only way to take a namespace's finalizers.</summary>
public sealed class NamespaceFinalizeEndpoint(WriteEndpoint writes, ObjectStore objects)
{
    /// <summary>Answers the request.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "UpdateOptions");
        JsonMap sent = writes.Decode(request, definition, options, body);
        WriteEndpoint.EnsureName(request, sent.MapAt("metadata"));
        (WrittenObject stored, _) = await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", options.DryRun),
            old =>
            {
                JsonMap obj = old!.DeepCopy();
                obj.MapAt("spec")["finalizers"] = JsonValue.DeepCopy(sent.Map("spec")?["finalizers"]);
                if (sent.MapAt("metadata").String("resourceVersion") is { Length: > 0 } revision)
                {
                    obj.MapAt("metadata")["resourceVersion"] = revision;
                }

                ApiMachinery.Decoding.Normalizer.Normalize(obj, definition.Schema);
                return obj;
            },
            mayCreate: false,
            request.Aborted);
        await WriteEndpoint.AnswerAsync(request, definition, 200, stored, format);
    }
}
