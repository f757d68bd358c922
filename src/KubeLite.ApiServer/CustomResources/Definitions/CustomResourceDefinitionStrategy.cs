using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.CustomResources.Validation;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// How CustomResourceDefinitions are prepared, validated and deleted (apiextensions' <c>registry/customresourcedefinition</c> of v1.36).
/// </summary>
public sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    /// <summary>The strategy.</summary>
    public CustomResourceDefinitionStrategy()
    {
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <summary>Sets the defaults of a definition.</summary>
    public static void Default(JsonMap crd)
    {
        JsonMap spec = crd.MapAt("spec"), names = spec.MapAt("names");
        string kind = names.String("kind") ?? "";
        if (names.String("singular") is null or "")
        {
            names["singular"] = kind.ToLowerInvariant();
        }

        if (names.String("listKind") is null or "" && kind.Length > 0)
        {
            names["listKind"] = kind + "List";
        }

        spec.SetDefault("conversion", new JsonMap { { "strategy", "None" } });
        spec.Map("conversion")?.Map("webhook")?.Map("clientConfig")?.Map("service")?.SetDefault("port", 443L);
        if (crd.Map("status")?.List("storedVersions") is not { Count: > 0 } && StorageVersion(spec) is { } version)
        {
            crd.MapAt("status")["storedVersions"] = new JsonList { version };
        }
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        var status = new JsonMap();
        if (StorageVersion(obj.MapAt("spec")) is { } version)
        {
            status["storedVersions"] = new JsonList { version };
        }

        obj["status"] = status;
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        if (StorageVersion(obj.MapAt("spec")) is not { } version)
        {
            return;
        }

        JsonMap status = obj.MapAt("status");
        if (status.List("storedVersions") is not { } stored)
        {
            status["storedVersions"] = new JsonList { version };
        }
        else if (!stored.Contains(version))
        {
            stored.Add(version);
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        DefinitionValidation.Validate(obj, null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        DefinitionValidation.Validate(obj, old, errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        DefinitionValidation.Names(
            obj.Map("status")?.Map("acceptedNames") ?? new JsonMap(), FieldPath.Of("status", "acceptedNames"), errors);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        if (context.Subresource.Length > 0)
        {
            yield break;
        }

        List<string> known = old is null ? [] : [.. Formats(old)];
        foreach (string format in Formats(obj).Where(f => !known.Contains(f)))
        {
            yield return $"unrecognized format {FieldError.GoQuote(format)}";
        }
    }

    /// <inheritdoc />
    public override bool HoldsDeletion(WriteContext context, JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        if (metadata.ContainsKey("deletionTimestamp"))
        {
            return metadata.List("finalizers") is { Count: > 0 };
        }

        string now = ApiTime.Format(context.Now);
        metadata["deletionTimestamp"] = now;
        if (metadata.List("finalizers") is not { } finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        if (!finalizers.Contains(InstanceDeletion.Finalizer))
        {
            finalizers.Add(InstanceDeletion.Finalizer);
        }

        Conditions.Set(
            obj, "Terminating", "True", "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now);
        Normalizer.Normalize(obj, context.Resource.StorageSchema);
        return true;
    }

    private static string? StorageVersion(JsonMap spec) =>
        spec.List("versions")?.Maps().FirstOrDefault(v => v.Flag("storage"))?.String("name");

    private static IEnumerable<JsonMap> Schemas(JsonMap crd) => (crd.MapAt("spec").List("versions")?.Maps() ?? [])
        .Select(v => v.Map("schema")?.Map("openAPIV3Schema")).OfType<JsonMap>().SelectMany(SchemaWalk.All);

    private static IEnumerable<string> Formats(JsonMap crd) => Schemas(crd)
        .Where(s => s.String("format") is { Length: > 0 } format && !(s.String("type") switch
        {
            null or "" or "string" => ValueFormats.IsKnown(format),
            "integer" => format is "int32" or "int64",
            "number" => format is "float" or "double",
            _ => false,
        }))
        .Select(s => s.String("format")!);
}
