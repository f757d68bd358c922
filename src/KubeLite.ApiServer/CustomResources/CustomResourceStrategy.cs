using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.CustomResources.Validation;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// How the objects of a custom resource are prepared and validated in one version (apiextensions' <c>registry/customresource</c> of v1.36).
/// </summary>
public sealed class CustomResourceStrategy : ResourceStrategy
{
    private const string Unchecked =
        "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

    private readonly JsonMap _validation;
    private readonly Schema _schema;
    private readonly PrinterColumns _columns;
    private readonly bool _status;
    private readonly bool _rules;
    private readonly bool _terminating;

    /// <summary>The strategy of a version.</summary>
    /// <param name="version">The version in the definition's spec.</param>
    /// <param name="schema">The description of its objects.</param>
    /// <param name="columns">Its Table.</param>
    /// <param name="cachedFields">The selectable fields of all versions.</param>
    /// <param name="terminating">True where the definition is being deleted: nothing new is taken.</param>
    public CustomResourceStrategy(
        JsonMap version, Schema schema, PrinterColumns columns, IReadOnlyList<string> cachedFields, bool terminating)
    {
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
        _validation = version.Map("schema")?.Map("openAPIV3Schema") ?? new JsonMap();
        _schema = schema;
        _columns = columns;
        _terminating = terminating;
        _status = version.Map("subresources")?.Map("status") is not null;
        _rules = SchemaWalk.Any(_validation, s => s.List("x-kubernetes-validations") is { Count: > 0 });
        SelectableFields = [.. FieldsOf(version)];
        CachedFields = cachedFields;
        if (version.Map("subresources")?.Map("scale") is { } scale)
        {
            Scale = new ScalePaths(
                scale.String("specReplicasPath") ?? "", scale.String("statusReplicasPath") ?? "", scale.String("labelSelectorPath"));
        }
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields { get; }

    /// <inheritdoc />
    public override IReadOnlyList<string> CachedFields { get; }

    /// <inheritdoc />
    public override ScalePaths? Scale { get; }

    /// <summary>The selectable fields of a version of a definition, without the leading dot.</summary>
    public static IEnumerable<string> FieldsOf(JsonMap version) =>
        (version.List("selectableFields")?.Maps() ?? []).Select(f => (f.String("jsonPath") ?? "").TrimStart('.'));

    /// <inheritdoc />
    public override object? GenerationContent(JsonMap obj)
    {
        var content = new JsonMap(obj.Count);
        foreach (var (name, value) in obj)
        {
            if (name != "metadata")
            {
                content.Append(name, value);
            }
        }

        return content;
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        if (_terminating)
        {
            throw ApiException.Forbidden(
                context.Resource.Group, context.Resource.Name, context.Name,
                "create not allowed while custom resource definition is terminating");
        }
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Keep(obj, old);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        int before = errors.Count;
        SchemaValidator.Validate(obj, _validation, null, errors);
        ScaleSpec(obj, errors);
        ScaleStatus(obj, errors);
        EmbeddedObjectValidation.Validate(obj, _schema, null, errors);
        ListTypeValidation.Validate(obj, _schema, null, errors);
        Rules(before, errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        int before = errors.Count;
        SchemaValidator.ValidateUpdate(obj, old, _validation, null, errors);
        ScaleSpec(obj, errors);
        ScaleStatus(obj, errors);
        EmbeddedObjectValidation.Validate(obj, _schema, null, errors);
        ListTypes(obj, old, errors);
        Rules(before, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        int before = errors.Count;
        if (obj.TryGetValue("status", out object? status) && _validation.Map("properties")?.Map("status") is { } schema)
        {
            if (old.TryGetValue("status", out object? stored))
            {
                SchemaValidator.ValidateUpdate(status, stored, schema, FieldPath.Of("status"), errors);
            }
            else
            {
                SchemaValidator.Validate(status, schema, FieldPath.Of("status"), errors);
            }
        }

        ScaleStatus(obj, errors);
        ListTypes(obj, old, errors);
        Rules(before, errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        if (context.Subresource == "status")
        {
            yield break;
        }

        List<string> known = [.. old?.MapAt("metadata").List("finalizers")?.Strings() ?? []];
        foreach (string finalizer in (obj.MapAt("metadata").List("finalizers")?.Strings() ?? [])
            .Except(known).Order(StringComparer.Ordinal))
        {
            string head = $"metadata.finalizers: {FieldError.GoQuote(finalizer)}: ";
            foreach (string fault in NameRules.QualifiedName(finalizer))
            {
                yield return head + fault;
            }

            if (!finalizer.Contains('/') && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                yield return head + (finalizer.Contains('.')
                    ? "prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers"
                    : "prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers");
            }
        }
    }

    /// <inheritdoc />
    public override JsonList? Cells(JsonMap obj) => _columns.Cells(obj);

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => _status ? ["status"] : [],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    private void ListTypes(JsonMap obj, JsonMap old, FieldErrors errors)
    {
        var earlier = new FieldErrors();
        ListTypeValidation.Validate(old, _schema, null, earlier);
        if (earlier.Count == 0)
        {
            ListTypeValidation.Validate(obj, _schema, null, errors);
        }
    }

    /// <summary>Where a fault keeps the definition's own rules from being asked, that is said.</summary>
    private void Rules(int before, FieldErrors errors)
    {
        if (_rules && errors.Skip(before).Any(e => e.Reason is
            "FieldValueNotSupported" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueTypeInvalid"))
        {
            errors.Invalid(FieldPath.Of("<nil>"), null, Unchecked);
        }
    }

    private void ScaleSpec(JsonMap obj, FieldErrors errors)
    {
        if (Scale is not null)
        {
            Replicas(obj, Scale.Spec, errors);
        }
    }

    private void ScaleStatus(JsonMap obj, FieldErrors errors)
    {
        if (Scale is null)
        {
            return;
        }

        Replicas(obj, Scale.Status, errors);
        if (Scale.Selector is { } selector && SimplePath.Fault(obj, selector, "string", out _) is { } fault)
        {
            errors.Invalid(FieldPath.Of(selector), "", fault);
        }
    }

    private static void Replicas(JsonMap obj, string path, FieldErrors errors)
    {
        string? fault = SimplePath.Fault(obj, path, "int64", out object? value);
        long number = value as long? ?? 0;
        if (fault is not null)
        {
            errors.Invalid(FieldPath.Of(path), number, fault);
        }
        else if (number < 0)
        {
            errors.Invalid(FieldPath.Of(path), number, "should be a non-negative integer");
        }
        else if (number > int.MaxValue)
        {
            string most = int.MaxValue.ToString(CultureInfo.InvariantCulture);
            errors.Invalid(FieldPath.Of(path), number, "should be less than or equal to " + most);
        }
    }
}
