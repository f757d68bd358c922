using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>The options of deletes (metav1.DeleteOptions).</summary>
public sealed record DeleteOptions
{
    /// <summary>Nothing asked for.</summary>
    public static readonly DeleteOptions None = new();

    /// <summary>The grace period in seconds; null for the kind's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>The uid that the object must have; null for any.</summary>
    public string? Uid { get; init; }

    /// <summary>The resourceVersion that the object must have; null for any.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Foreground, Background or Orphan; null for the kind's own.</summary>
    public string? Propagation { get; init; }

    /// <summary>The old form of <see cref="Propagation"/>; null for nothing said.</summary>
    public bool? OrphanDependents { get; init; }

    /// <summary>True where nothing is deleted.</summary>
    public bool DryRun { get; init; }

    /// <summary>Reads the options of a body.</summary>
    /// <exception cref="ApiException">422: the options are wrong.</exception>
    public static DeleteOptions Of(JsonMap body)
    {
        JsonMap? preconditions = body.Map("preconditions");
        var options = new DeleteOptions
        {
            GracePeriodSeconds = body.Integer("gracePeriodSeconds"),
            Uid = preconditions?.String("uid"),
            ResourceVersion = preconditions?.String("resourceVersion"),
            Propagation = body.String("propagationPolicy"),
            OrphanDependents = body["orphanDependents"] as bool?,
            DryRun = body.List("dryRun") is { Count: > 0 },
        };
        options.Validate(body.List("dryRun"));
        return options;
    }

    /// <summary>Reads the options of a query.</summary>
    /// <exception cref="ApiException">400 or 422: the options are wrong.</exception>
    public static DeleteOptions OfQuery(ApiRequest request)
    {
        IQueryCollection query = request.Http.Request.Query;
        var options = new DeleteOptions
        {
            GracePeriodSeconds = QueryNumber.Of(request, "gracePeriodSeconds"),
            Uid = request.Query("uid") is { Length: > 0 } uid ? uid : null,
            ResourceVersion = request.Query("resourceVersion") is { Length: > 0 } revision ? revision : null,
            Propagation = request.Query("propagationPolicy"),
            OrphanDependents = query.ContainsKey("orphanDependents") ? QueryFlags.IsTrue(query, "orphanDependents") : null,
            DryRun = query["dryRun"].Count > 0,
        };
        options.Validate(options.DryRun ? new JsonList(query["dryRun"]) : null);
        return options;
    }

    private void Validate(JsonList? dryRun)
    {
        var errors = new FieldErrors();
        if (Propagation is not null && OrphanDependents is not null)
        {
            errors.Invalid(FieldPath.Of("propagationPolicy"), Propagation, "orphanDependents and deletionPropagation cannot be both set");
        }

        if (Propagation is not (null or "Foreground" or "Background" or "Orphan"))
        {
            errors.NotSupported(FieldPath.Of("propagationPolicy"), Propagation, "Foreground", "Background", "Orphan", "nil");
        }

        if (dryRun is not null && dryRun.Any(v => v is not "All"))
        {
            errors.NotSupported(FieldPath.Of("dryRun"), dryRun, "All");
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
    }
}
