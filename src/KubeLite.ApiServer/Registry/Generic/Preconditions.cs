using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>The uid and resourceVersion that a request names, held against the object that is stored.</summary>
internal static class Preconditions
{
    /// <summary>What is said of an object that somebody else was faster to change.</summary>
    public const string Modified = "the object has been modified; please apply your changes to the latest version and try again";

    /// <summary>
    /// Refuses an update of another object or another revision than it names; one that names no revision is the newest's.
    /// </summary>
    /// <param name="context">The write.</param>
    /// <param name="stored">The object as the store gave it.</param>
    /// <param name="obj">The update; it gets the revision of the stored object.</param>
    /// <param name="old">The stored object.</param>
    /// <exception cref="ApiException">They differ, or the kind's updates must name a revision.</exception>
    public static void CheckUpdate(WriteContext context, KeyValue stored, JsonMap obj, JsonMap old)
    {
        ResourceDefinition resource = context.Resource;
        JsonMap metadata = obj.MapAt("metadata"), oldMetadata = old.MapAt("metadata");
        string uid = metadata.String("uid") ?? "";
        if (uid.Length > 0 && uid != oldMetadata.String("uid"))
        {
            throw ApiException.Conflict(resource.Group, resource.Name, context.Name,
                $"StorageError: invalid object, Code: 4, Key: {stored.Key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: " +
                    $"UID in precondition: {uid}, UID in object meta: {oldMetadata.String("uid")}");
        }

        string revision = metadata.String("resourceVersion") ?? "";
        if (revision.Length > 0 && revision != "0")
        {
            if (revision != stored.ModRevision.ToString(CultureInfo.InvariantCulture))
            {
                throw ApiException.Conflict(resource.Group, resource.Name, context.Name, Modified);
            }
        }
        else if (!resource.Strategy.AllowsUnconditionalUpdate)
        {
            var missing = new FieldErrors();
            missing.Invalid(FieldPath.Of("metadata", "resourceVersion"), 0L, "must be specified for an update");
            throw ApiException.Invalid(resource.Group, resource.Name, context.Name, missing);
        }

        metadata["resourceVersion"] = oldMetadata["resourceVersion"];
    }

    /// <summary>Refuses a deletion of another object or another revision than it names.</summary>
    /// <exception cref="ApiException">They differ.</exception>
    public static void CheckDelete(WriteContext context, JsonMap obj, DeleteOptions options)
    {
        ResourceDefinition resource = context.Resource;
        JsonMap metadata = obj.MapAt("metadata");
        if (options.Uid is not null && options.Uid != metadata.String("uid"))
        {
            throw ApiException.Conflict(resource.Group, resource.Kind.Kind, context.Name,
                $"the UID in the precondition ({options.Uid}) does not match the UID in record ({metadata.String("uid")}). " +
                    "The object might have been deleted and then recreated");
        }

        if (options.ResourceVersion is not null && options.ResourceVersion != metadata.String("resourceVersion"))
        {
            throw ApiException.Conflict(resource.Group, resource.Kind.Kind, context.Name,
                $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match " +
                    $"the ResourceVersion in record ({metadata.String("resourceVersion")}). The object might have been modified");
        }
    }
}
