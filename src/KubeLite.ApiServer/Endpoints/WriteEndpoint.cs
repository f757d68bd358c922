using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>POST, PUT and DELETE of objects: from the body to what <see cref="ObjectStore"/> takes, and back to an answer.</summary>
public sealed class WriteEndpoint(ResourceRegistry registry, ObjectCodec codec, ObjectStore objects)
{
    private static readonly Schema s_deleteOptions = ApiFacts.Newest.Type("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions");

    /// <summary>Creates an object.</summary>
    public async Task CreateAsync(ApiRequest request, ResourceDefinition definition)
    {
        // Of several faults Kubernetes names the first in this order.
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        RequestBody.RequireType(request);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        JsonMap obj = Decode(request, definition, options, body);
        JsonMap metadata = obj.MapAt("metadata");
        EnsureNamespace(request, definition, metadata);
        OwnerReferences.DropDuplicates(request, obj, admitted: false);
        Fields(definition, "").Update(definition.Empty, obj, options.FieldManager, ApiTime.Format(request.Now));
        WriteContext context = Context(request, definition, "CREATE", options.DryRun) with { Name = metadata.String("name") ?? "" };
        WrittenObject created = await objects.CreateAsync(context, obj, request.Aborted);
        await AnswerAsync(request, definition, 201, created, format);
    }

    /// <summary>Replaces an object or one of its parts that a subresource writes.</summary>
    public async Task UpdateAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "UpdateOptions");
        JsonMap sent = Decode(request, definition, options, body);
        EnsureNamespace(request, definition, sent.MapAt("metadata"));
        EnsureName(request, sent.MapAt("metadata"));
        OwnerReferences.DropDuplicates(request, sent, admitted: false);
        FieldManager fields = Fields(definition, request.Info.Subresource);
        (WrittenObject stored, bool created) = await objects.UpdateAsync(
            Context(request, definition, "UPDATE", options.DryRun),
            old =>
            {
                JsonMap obj = sent.DeepCopy();
                if (old is not null)
                {
                    KeepSystemFields(obj, old, request.Info.Subresource);
                }

                fields.Update(old ?? definition.Empty, obj, options.FieldManager, ApiTime.Format(request.Now));
                return obj;
            },
            definition.Strategy.AllowsCreateOnUpdate && request.Info.Subresource.Length == 0,
            request.Aborted);
        await AnswerAsync(request, definition, created ? 201 : 200, stored, format);
    }

    /// <summary>Deletes an object.</summary>
    public async Task DeleteAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        DeleteOptions options = await DeleteOptionsAsync(request);
        foreach (string warning in definition.Strategy.DeleteWarnings(options))
        {
            request.Warn(warning);
        }

        WriteContext context = Context(request, definition, "DELETE", options.DryRun);
        (WrittenObject deleted, bool gone) = await objects.DeleteAsync(context, options, request.Aborted);
        int code = !gone && options.OrphanDependents == false ? 202 : 200;
        if (!gone || definition.Strategy.ReturnsDeletedObject)
        {
            await AnswerAsync(request, definition, code, deleted, format);
            return;
        }

        await ObjectResponse.SendAsync(request, code, Deleted(definition, deleted.Document), format with { Shape = BodyShape.Object });
    }

    /// <summary>Deletes every object that a list of the same options would give.</summary>
    public async Task DeleteCollectionAsync(ApiRequest request, ResourceDefinition definition, ReadEndpoint reads)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        ListOptions list = ListOptions.Of(request, watch: false);
        DeleteOptions options = await DeleteOptionsAsync(request);
        foreach (string warning in definition.Strategy.DeleteWarnings(options))
        {
            request.Warn(warning);
        }

        ListPage page = await reads.ReadPageAsync(request, definition, list, EntrySelection.Of(definition, list, ""));
        var items = new JsonList();
        await Parallel.ForEachAsync(page.Entries, new ParallelOptions
        {
            MaxDegreeOfParallelism = 8,
            CancellationToken = request.Aborted,
        }, async (entry, token) =>
        {
            WriteContext context =
                Context(request, definition, "DELETE", options.DryRun) with { Namespace = entry.Namespace, Name = entry.Name };
            try
            {
                await objects.DeleteAsync(context, options, token);
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // Someone else was faster: it is gone, as was asked.
            }
        });
        foreach (var entry in page.Entries)
        {
            JsonMap item = EntryEncoding.Document(entry, definition);
            if (!definition.Custom)
            {
                item.Remove("kind");
                item.Remove("apiVersion");
            }

            items.Add(item);
        }

        JsonMap answer = definition.Custom ? ListResponse.CustomList(definition, page, items) : new JsonMap
        {
            { "kind", definition.Kind.Kind + "List" },
            { "apiVersion", definition.Kind.ApiVersion },
            { "metadata", page.Metadata() },
            { "items", items },
        };
        await ObjectResponse.SendAsync(request, 200, answer, format with { Shape = BodyShape.Object });
    }

    /// <summary>What a write through this request is.</summary>
    public WriteContext Context(ApiRequest request, ResourceDefinition definition, string operation, bool dryRun) => new()
    {
        Resource = definition,
        Registry = registry,
        Operation = operation,
        Namespace = request.Info.ObjectNamespace,
        Name = request.Info.Name,
        Subresource = request.Info.Subresource,
        Verb = request.Info.Verb,
        User = request.User,
        Now = request.Now,
        DryRun = dryRun,
        Warn = request.Warn,
    };

    /// <summary>Who owns which fields, for writes through an endpoint.</summary>
    public FieldManager Fields(ResourceDefinition definition, string subresource) => new(
        definition.Schema,
        definition.Kind.ApiVersion,
        subresource,
        definition.ResetFields(subresource),
        (obj, version) => codec.Convert(obj, definition, version),
        version => definition.Kind.ApiVersion == version
            ? definition.Schema
            : definition.Versions.FirstOrDefault(v => v.Kind.ApiVersion == version)?.Schema);

    /// <summary>Parses and decodes the body of a create or update.</summary>
    public JsonMap Decode(ApiRequest request, ResourceDefinition definition, WriteOptions options, byte[] body)
    {
        var strict = new List<string>();
        JsonMap obj = RequestBody.Parse(request, body, definition.Kind.Kind, strict);
        if (definition.Custom)
        {
            CustomKinds.Check(request, obj, definition, body);
        }
        else
        {
            codec.CheckKind(obj, definition.Kind);
        }

        var unknown = new List<string>();
        try
        {
            codec.Decode(obj, definition, unknown);
        }
        catch (DecodeException e)
        {
            throw CannotHandle(definition.Kind, e.Message);
        }

        if (definition.Strategy.RawMember is { } raw && RequestBody.MediaType(request) is "" or "application/json")
        {
            JsonRaw.Keep(obj, raw, body);
        }

        strict.AddRange(unknown.Select(u => $"unknown field \"{u}\""));
        Report(request, definition.Kind, options, strict);
        return obj;
    }

    /// <summary>Refuses a body with strict faults, or warns of them, as the caller asked.</summary>
    public static void Report(ApiRequest request, GroupVersionKind kind, WriteOptions options, List<string> strict)
    {
        if (strict.Count == 0 || options.FieldValidation == "Ignore")
        {
            return;
        }

        if (options.FieldValidation == "Strict")
        {
            throw CannotHandle(kind, "strict decoding error: " + string.Join(", ", strict));
        }

        StrictFaults.Warn(request, strict);
    }

    /// <summary>The namespace of a body must be that of the path.</summary>
    public static void EnsureNamespace(ApiRequest request, ResourceDefinition definition, JsonMap metadata)
    {
        string ns = metadata.String("namespace") ?? "";
        string expected = definition.Namespaced ? request.Info.ObjectNamespace : "";
        if (ns.Length == 0 && definition.Namespaced)
        {
            metadata["namespace"] = expected;
            Normalizer.Normalize(metadata, definition.Schema.Field("metadata")!.Schema);
        }
        else if (ns != expected && definition.Namespaced)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    /// <summary>The name of a body must be that of the path.</summary>
    public static void EnsureName(ApiRequest request, JsonMap metadata)
    {
        string name = metadata.String("name") ?? "";
        if (name.Length == 0)
        {
            throw ApiException.BadRequest(
                $"the name of the object ({request.Info.Name} based on URL) was undeterminable: name must be provided");
        }

        if (name != request.Info.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Info.Name})");
        }
    }

    /// <summary>Sends what came of a write: the bytes that were stored where they are what is asked for.</summary>
    public static Task AnswerAsync(
        ApiRequest request, ResourceDefinition definition, int code, WrittenObject written, ResponseFormat format)
    {
        string? raw = definition.Strategy.RawMember;
        if (written.Json is { } json && raw is null && format == ResponseFormat.Json && definition.ServesAsStored)
        {
            return ObjectResponse.SendStoredAsync(request, code, json, written.Revision);
        }

        JsonMap obj = ObjectCodec.FromStorage(written.Document, definition);
        if (raw is not null)
        {
            JsonRaw.Expand(obj, raw);
        }

        return ObjectResponse.SendAsync(request, code, format.Label(ReadEndpoint.Shape(request, definition, obj, format.Shape)), format);
    }

    /// <summary>A body of a wrong type or with strict faults.</summary>
    public static ApiException CannotHandle(GroupVersionKind kind, string why) =>
        ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {why}");

    /// <summary>What a client need not send: it is taken from the stored object, so that nobody counts as having removed it.</summary>
    private static void KeepSystemFields(JsonMap obj, JsonMap old, string subresource)
    {
        JsonMap metadata = obj.MapAt("metadata"), oldMetadata = old.MapAt("metadata");
        if (subresource == "status")
        {
            foreach (var (name, value) in old)
            {
                if (name is not ("metadata" or "status" or "kind" or "apiVersion"))
                {
                    obj[name] = JsonValue.DeepCopy(value);
                }
            }
        }

        metadata.SetDefault("creationTimestamp", oldMetadata["creationTimestamp"]);
    }

    private static JsonMap Deleted(ResourceDefinition definition, JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        var details = new StatusDetails(metadata.String("name") ?? "", definition.Group, definition.Name)
        {
            Uid = metadata.String("uid") ?? ""
        };
        return new JsonMap
        {
            { "kind", "Status" },
            { "apiVersion", "v1" },
            { "metadata", new JsonMap() },
            { "status", "Success" },
            { "details", details.ToJson() },
        };
    }

    private static async Task<DeleteOptions> DeleteOptionsAsync(ApiRequest request)
    {
        byte[] body = await RequestBody.ReadAsync(request);
        if (body.Length == 0)
        {
            return DeleteOptions.OfQuery(request);
        }

        try
        {
            JsonMap sent = RequestBody.Read(request, body, "DeleteOptions", []);
            SchemaDecoder.Decode(sent, s_deleteOptions, []);
            return DeleteOptions.Of(sent);
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }
}
