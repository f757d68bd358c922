using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// The configuration that a server-side apply sends. What has no status of its own in Kubernetes is 500 there, too: its
/// <c>structuredMergeManager.Apply</c> (apimachinery, util/managedfields/internal/structuredmerge.go, v0.36) returns plain
/// errors for a configuration that doesn't fit the schema, which the apiserver's <c>ErrorToAPIStatus</c> makes 500 with
/// the bare message.
/// </summary>
public sealed class AppliedConfiguration
{
    private readonly ResourceDefinition _definition;
    private readonly JsonMap _config;
    private readonly List<string> _duplicates = [];

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="ApiException">It is no YAML, of another kind, or doesn't fit the schema.</exception>
    public AppliedConfiguration(ResourceDefinition definition, byte[] body)
    {
        _definition = definition;
        _config = Read(body);
        var sent = GroupVersionKind.Parse(_config.String("apiVersion") ?? "", _config.String("kind") ?? "");
        if (sent != definition.Kind)
        {
            throw ApiException.BadRequest($"invalid object type: {sent.Group}/{sent.Version}, Kind={sent.Kind}");
        }

        if (_config.Map("metadata")?["managedFields"] is JsonList)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        try
        {
            AppliedCheck.Run(_config, definition.Schema);
        }
        catch (ManagedFieldsException e)
        {
            throw ApiException.Bare($"failed to create typed patch object ({Identity}): {e.Message}");
        }
    }

    private string Identity => $"{_config.Map("metadata")?.String("namespace")}/{_config.Map("metadata")?.String("name")}; {ObjectType}";

    private string ObjectType => $"{_definition.Kind.Group}/{_definition.Kind.Version}, Kind={_definition.Kind.Kind}";

    /// <summary>The uid that the configuration names; empty for none.</summary>
    public string Uid => _config.Map("metadata")?.String("uid") ?? "";

    /// <summary>Merges it into an object.</summary>
    /// <param name="live">The object in the request's version; an empty one of the kind where there is none.</param>
    /// <param name="fields">Who owns which fields.</param>
    /// <param name="options">The request's options.</param>
    /// <param name="now">The time as the API writes it.</param>
    /// <param name="codec">Decodes and defaults what came of it.</param>
    /// <exception cref="ApiException">Others own fields of it, or a value can't be read.</exception>
    public JsonMap MergeInto(JsonMap live, FieldManager fields, WriteOptions options, string now, ObjectCodec codec)
    {
        JsonMap merged;
        try
        {
            (merged, _) = fields.Apply(live, _config, options.FieldManager, options.Force, now);
        }
        catch (ApplyConflictException e)
        {
            throw e.ToApiException();
        }
        catch (ManagedFieldsException e)
        {
            throw ApiException.Bare(e.Message);
        }

        try
        {
            if (!_definition.Custom)
            {
                UnstructuredCheck.Run(merged, _definition.Schema);
            }

            codec.Decode(merged, _definition, []);
            return merged;
        }
        catch (DecodeException e)
        {
            throw ApiException.Bare(
                $"failed to convert new object ({Identity}) to proper version: unable to convert unstructured object to {ObjectType}: {e.Message}");
        }
    }

    /// <summary>Refuses keys that stand twice, or warns of them, as the caller asked.</summary>
    /// <exception cref="ApiException">400: there are some, and the caller asked for Strict.</exception>
    public void Report(ApiRequest request, string fieldValidation)
    {
        if (_duplicates.Count == 0 || fieldValidation == "Ignore")
        {
            return;
        }

        string fault = StrictFaults.OfYaml(_duplicates);
        if (fieldValidation == "Strict")
        {
            throw ApiException.BadRequest($"error strict decoding YAML: error converting YAML to JSON: {fault}");
        }

        StrictFaults.Warn(request, [fault]);
    }

    private JsonMap Read(byte[] body)
    {
        try
        {
            object? value = YamlReading.Read(Encoding.UTF8.GetString(body), _duplicates);
            return value as JsonMap ?? (value is null ? [] : throw ApiException.BadRequest(
                $"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type map[string]interface {{}}"));
        }
        catch (JsonSyntaxException e)
        {
            throw ApiException.BadRequest($"error decoding YAML: error converting YAML to JSON: {e.Message}");
        }
    }
}
