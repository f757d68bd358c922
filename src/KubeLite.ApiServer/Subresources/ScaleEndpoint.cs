using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>
/// The scale of workloads: an autoscaling/v1 Scale over the object's number of replicas, which is read, replaced, patched and
/// applied like an object of its own (registry/apps/*/storage's ScaleREST and apiextensions' customresource/etcd.go, v0.36).
/// </summary>
public sealed class ScaleEndpoint(ReadEndpoint reads, WriteEndpoint writes, PatchEndpoint patches, ObjectStore objects)
{
    private const string DefaultReplicas = ".spec.replicas";

    /// <summary>A Scale of a custom resource that says nothing of replicas yet.</summary>
    private const long Unset = int.MinValue;

    private static readonly GroupVersionKind s_kind = GroupVersionKind.Parse("autoscaling/v1", "Scale");
    private static readonly Schema s_schema = ApiFacts.Newest.Type("io.k8s.api.autoscaling.v1.Scale");

    /// <summary>Answers GET, PUT and PATCH of a scale.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        string type = request.Info.Verb == "patch" ? PatchEndpoint.RequireType(request, definition) : "";
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        if (request.Info.Verb == "get")
        {
            JsonMap obj = await reads.FindAsync(request, definition);
            await SendAsync(request, definition, Scale(obj, definition), format);
            return;
        }

        byte[] body = await RequestBody.ReadAsync(request);
        ResourceDefinition scales = Definition(definition);
        (WriteOptions options, Func<JsonMap?, JsonMap> change) = type.Length > 0
            ? Patch(request, scales, type, body)
            : Replace(request, scales, body);
        (WrittenObject stored, _) = await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", options.DryRun),
            old => Change(old!, definition, change),
            mayCreate: false,
            request.Aborted);
        await SendAsync(request, definition, Scale(ObjectCodec.FromStorage(stored.Document, definition), definition), format);
    }

    private static Task SendAsync(ApiRequest request, ResourceDefinition definition, JsonMap scale, ResponseFormat format)
    {
        ResourceDefinition scales = Definition(definition);
        JsonMap shaped = format.Shape == BodyShape.Table
            ? ScaleTable.Of(request, scales, scale, definition.Custom)
            : ReadEndpoint.Shape(request, scales, scale, format.Shape);
        return ObjectResponse.SendAsync(request, 200, format.Label(shaped), format);
    }

    /// <summary>Scales as the resource's endpoints for writes see them.</summary>
    private static ResourceDefinition Definition(ResourceDefinition of) => new()
    {
        Facts = of.Facts with { Kind = s_kind },
        Schema = s_schema,
        Strategy = of.Strategy,
        StorageKind = s_kind,
        StorageSchema = s_schema,
        KeyPrefix = of.KeyPrefix,
        Subresources = new Dictionary<string, ResourceFacts>(),
    };

    private (WriteOptions Options, Func<JsonMap?, JsonMap> Change) Patch(
        ApiRequest request, ResourceDefinition scales, string type, byte[] body)
    {
        WriteOptions options = WriteOptions.Of(request, "PatchOptions", type == PatchEndpoint.ApplyYaml);
        return (options, patches.Change(request, scales, options, type, body));
    }

    private (WriteOptions Options, Func<JsonMap?, JsonMap> Change) Replace(ApiRequest request, ResourceDefinition scales, byte[] body)
    {
        WriteOptions options = WriteOptions.Of(request, "UpdateOptions");
        JsonMap sent = writes.Decode(request, scales, options, body);
        WriteEndpoint.EnsureNamespace(request, scales, sent.MapAt("metadata"));
        WriteEndpoint.EnsureName(request, sent.MapAt("metadata"));
        FieldManager fields = writes.Fields(scales, "scale");
        return (options, old =>
        {
            JsonMap scale = sent.DeepCopy();
            fields.Update(old!, scale, options.FieldManager, ApiTime.Format(request.Now));
            return scale;
        }
        );
    }

    /// <summary>The object whose Scale is what a change makes of the old one.</summary>
    private static JsonMap Change(JsonMap old, ResourceDefinition definition, Func<JsonMap?, JsonMap> change)
    {
        string replicas = definition.Strategy.Scale?.Spec ?? DefaultReplicas;
        JsonMap obj = old.DeepCopy(), metadata = obj.MapAt("metadata"), before = Scale(old, definition, Unset);
        var managed = new ScaleFields(
            SimplePath.Names(replicas), definition.Kind.ApiVersion, version => definition.Versions.Any(v => v.Kind.ApiVersion == version));
        JsonList? entries = metadata.List("managedFields");
        if (managed.ToScale(entries) is { } shown)
        {
            before.MapAt("metadata")["managedFields"] = shown;
        }

        JsonMap scale = change(before), own = scale.MapAt("metadata");
        string name = metadata.String("name") ?? "";
        long wanted = scale.Map("spec")?.Integer("replicas") ?? 0;
        Check(definition, name, metadata.String("uid"), own.String("uid"), wanted);
        SimplePath.Set(obj, replicas, wanted);
        string revision = own.String("resourceVersion") ?? "";
        if (revision.Length > 0 || !definition.Custom)
        {
            metadata["resourceVersion"] = revision;
        }

        if (managed.ToObject(entries, own.List("managedFields")) is { } kept)
        {
            metadata["managedFields"] = kept;
        }
        else
        {
            metadata.Remove("managedFields");
        }

        Normalizer.Normalize(obj, definition.Schema);
        return obj;
    }

    private static void Check(ResourceDefinition definition, string name, string? uid, string? wantedUid, long replicas)
    {
        if (definition.Custom && replicas == Unset)
        {
            throw ApiException.BadRequest(
                $"the spec replicas field {FieldError.GoQuote(definition.Strategy.Scale?.Spec ?? DefaultReplicas)} cannot be empty");
        }

        if (replicas < 0)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec", "replicas"), replicas, "must be greater than or equal to 0");
            throw ApiException.Invalid("autoscaling", "Scale", name, errors);
        }

        if (wantedUid is { Length: > 0 } && wantedUid != uid)
        {
            throw ApiException.Conflict(
                definition.Group, definition.Custom ? definition.Kind.Kind : definition.Name + "/scale", name,
                $"Precondition failed: UID in precondition: {wantedUid}, UID in object meta: {uid}");
        }
    }

    /// <summary>The Scale of an object.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="definition">What it is.</param>
    /// <param name="otherwise">The replicas where a custom resource names none; null to refuse it.</param>
    /// <exception cref="ApiException">500: it names none.</exception>
    private static JsonMap Scale(JsonMap obj, ResourceDefinition definition, long? otherwise = null)
    {
        ScalePaths? paths = definition.Strategy.Scale;
        long? given = SimplePath.Get(obj, paths?.Spec ?? DefaultReplicas) as long?;
        if (paths is not null && given is null)
        {
            given = otherwise ?? throw ApiException.Internal($"the spec replicas field {FieldError.GoQuote(paths.Spec)} does not exist");
        }

        JsonMap? metadata = obj.Map("metadata");
        var own = new JsonMap();
        foreach (string name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (metadata?[name] is { } value)
            {
                own.Append(name, value);
            }
        }

        var status = new JsonMap { { "replicas", SimplePath.Get(obj, paths?.Status ?? ".status.replicas") as long? ?? 0 } };
        if (Selector(obj, paths) is { Length: > 0 } selector)
        {
            status.Append("selector", selector);
        }

        var desired = new JsonMap();
        if (given is { } replicas and not 0)
        {
            desired.Append("replicas", replicas);
        }

        return new JsonMap
        {
            { "kind", s_kind.Kind },
            { "apiVersion", s_kind.ApiVersion },
            { "metadata", own },
            { "spec", desired },
            { "status", status },
        };
    }

    private static string? Selector(JsonMap obj, ScalePaths? paths)
    {
        if (paths is not null)
        {
            return paths.Selector is { Length: > 0 } path ? SimplePath.Get(obj, path) as string : null;
        }

        if (obj.Map("spec")?.Map("selector") is not { } selector)
        {
            return null;
        }

        // A ReplicationController's selector is the labels themselves.
        bool plain = obj.String("kind") == "ReplicationController";
        return LabelSelector.FromObject(plain ? new JsonMap { { "matchLabels", selector } } : selector)?.ToString();
    }
}
