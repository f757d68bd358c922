using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>FlowSchemas (Kubernetes v1.36, <c>pkg/apis/flowcontrol/validation</c>).</summary>
public sealed class FlowSchemaStrategy : ResourceStrategy
{
    private const long MaxPrecedence = 10_000;

    /// <summary>Makes the strategy.</summary>
    public FlowSchemaStrategy() => TracksGeneration = true;

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Keep(obj, old);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        long precedence = spec.Integer("matchingPrecedence") ?? 0;
        if (precedence <= 0)
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "must be a positive value");
        }

        if (precedence > MaxPrecedence)
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, $"must not be greater than {MaxPrecedence}");
        }

        if (precedence == 1 && obj.MapAt("metadata").String("name") != "exempt")
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        }

        if (spec.Map("distinguisherMethod") is { } method)
        {
            string type = method.String("type") ?? "";
            if (type is not ("ByNamespace" or "ByUser"))
            {
                // Kubernetes shows the whole method where its type is wrong.
                errors.NotSupported(
                    path.Child("distinguisherMethod").Child("type"), new JsonMap { { "Type", type } }, "ByNamespace", "ByUser");
            }
        }

        string level = spec.Map("priorityLevelConfiguration")?.String("name") ?? "";
        if (level.Length > 0)
        {
            FieldRules.Subdomain(level, path.Child("priorityLevelConfiguration").Child("name"), errors);
        }
        else
        {
            errors.Required(path.Child("priorityLevelConfiguration").Child("name"), "must reference a priority level");
        }

        int i = 0;
        foreach (JsonMap rule in spec.List("rules")?.Maps() ?? [])
        {
            FlowRuleValidation.Rule(rule, path.Child("rules").Index(i++), errors);
        }

        FlowMandatory.Validate(context, "flowschemas", obj, errors);
        FlowConditions.Validate(obj, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        FlowConditions.Validate(obj, errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? dangling = obj.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Dangling");
        return
        [
            metadata.String("name"),
            spec.Map("priorityLevelConfiguration")?.String("name") ?? TableText.None,
            spec.Integer("matchingPrecedence") ?? 0,
            spec.Map("distinguisherMethod")?.String("type") ?? TableText.None,
            TableText.Age(metadata.String("creationTimestamp")),
            dangling?.String("status") ?? "?",
        ];
    }
}
