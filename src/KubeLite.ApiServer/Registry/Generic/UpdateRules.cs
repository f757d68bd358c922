using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>What holds of every update: what it can't change, when the generation rises, in which order it is looked at.</summary>
internal static class UpdateRules
{
    /// <summary>Gives an update of the status everything else of the old object.</summary>
    public static void KeepAllButStatus(JsonMap obj, JsonMap old)
    {
        for (int i = obj.Count - 1; i >= 0; i--)
        {
            string name = obj.At(i).Key;
            if (name is not ("kind" or "apiVersion" or "metadata" or "status") && !old.ContainsKey(name))
            {
                obj.Remove(name);
            }
        }

        foreach (var (name, value) in old)
        {
            if (name is not ("kind" or "apiVersion" or "metadata" or "status"))
            {
                obj[name] = JsonValue.DeepCopy(value);
            }
        }
    }

    /// <summary>Prepares an update as its kind does, and keeps or sets the metadata that is the server's.</summary>
    public static void Prepare(WriteContext context, JsonMap obj, JsonMap old)
    {
        ResourceDefinition resource = context.Resource;
        JsonMap metadata = obj.MapAt("metadata"), oldMetadata = old.MapAt("metadata");
        Keep("generation");
        bool writesStatus = context.Subresource is "status" or "binding" or "approval";
        if (!writesStatus && resource.HasStatus)
        {
            if (old["status"] is { } status)
            {
                obj["status"] = JsonValue.DeepCopy(status);
            }
            else
            {
                obj.Remove("status");
            }
        }

        if (context.Subresource == "status")
        {
            resource.Strategy.PrepareForStatusUpdate(context, obj, old);
        }
        else
        {
            resource.Strategy.PrepareForUpdate(context, obj, old);
            Normalizer.Normalize(obj, resource.StorageSchema);
            if (resource.Strategy.TracksGeneration && !writesStatus &&
                !JsonValue.DeepEquals(resource.Strategy.GenerationContent(obj), resource.Strategy.GenerationContent(old)))
            {
                metadata = obj.MapAt("metadata");
                metadata["generation"] = (oldMetadata.Integer("generation") ?? 0) + 1;
            }
        }

        metadata = obj.MapAt("metadata");
        metadata.SetDefault("uid", oldMetadata["uid"]);
        Keep("creationTimestamp");
        if (oldMetadata.ContainsKey("deletionTimestamp"))
        {
            Keep("deletionTimestamp");
            metadata.SetDefault("deletionGracePeriodSeconds", oldMetadata["deletionGracePeriodSeconds"]);
        }

        void Keep(string name)
        {
            if (oldMetadata.TryGetValue(name, out object? value))
            {
                metadata[name] = value;
            }
            else
            {
                metadata.Remove(name);
            }
        }
    }

    /// <summary>Validates metadata and object.</summary>
    /// <exception cref="ApiException">There is a fault; it names all of them.</exception>
    public static void Validate(WriteContext context, JsonMap obj, JsonMap old)
    {
        ResourceDefinition resource = context.Resource;
        var errors = new FieldErrors();
        // Kubernetes looks at metadata before the kind does and once more with it: the causes show both.
        MetadataValidation.ValidateUpdate(obj.MapAt("metadata"), old.MapAt("metadata"), FieldPath.Of("metadata"), errors);
        if (errors.Count > 0)
        {
            errors.AddRange(errors.ToArray());
        }

        if (context.Subresource == "status")
        {
            resource.Strategy.ValidateStatusUpdate(context, obj, old, errors);
        }
        else
        {
            resource.Strategy.ValidateUpdate(context, obj, old, errors);
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(resource.Group, resource.Kind.Kind, context.Name, errors);
        }
    }
}
