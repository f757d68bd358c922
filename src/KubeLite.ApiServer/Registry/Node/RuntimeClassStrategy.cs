using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Node;

/// <summary>RuntimeClasses (Kubernetes v1.36, <c>pkg/apis/node/validation</c>).</summary>
public sealed class RuntimeClassStrategy : ResourceStrategy
{
    private static readonly HashSet<string> s_noClaims = [];

    /// <summary>Makes the strategy.</summary>
    public RuntimeClassStrategy() => AllowsUnconditionalUpdate = false;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        if (obj.String("handler") is { Length: > 0 } handler)
        {
            FieldRules.Label(handler, FieldPath.Of("handler"), errors);
        }
        else
        {
            errors.Required(FieldPath.Of("handler"));
        }

        if (obj.Map("overhead") is { } overhead)
        {
            // Kubernetes validates it as the limits of a container, and names it so.
            new ResourceRequirements(errors, s_noClaims).Container(new JsonMap { { "limits", overhead["podFixed"] } }, FieldPath.Of("overhead"));
        }

        MetadataValidation.Labels(obj.Map("scheduling")?.Map("nodeSelector"), FieldPath.Of("scheduling", "nodeSelector"), errors);
        Tolerations(obj.Map("scheduling")?.List("tolerations"), FieldPath.Of("scheduling", "tolerations"), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(obj["handler"], old["handler"], FieldPath.Of("handler"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        (obj.Map("scheduling")?.Map("nodeSelector") ?? []).Select(m => NodeLabels.Deprecation(m.Key)).OfType<string>().Select(m => $"scheduling.nodeSelector: {m}");

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return [metadata.String("name"), obj.String("handler"), TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void Tolerations(JsonList? tolerations, FieldPath path, FieldErrors errors)
    {
        var before = new List<JsonMap>();
        int i = 0;
        foreach (JsonMap toleration in tolerations?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            string key = toleration.String("key") ?? "", op = toleration.String("operator") ?? "", value = toleration.String("value") ?? "";
            if (key.Length > 0)
            {
                FieldRules.QualifiedName(key, at.Child("key"), errors);
            }
            else if (op != "Exists")
            {
                errors.Invalid(at.Child("operator"), op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            switch (op)
            {
                case "Equal" or "":
                    FieldRules.Follows(ApiMachinery.Names.NameRules.LabelValue(value), value, at.Child("operator"), errors);
                    break;
                case "Exists":
                    if (value.Length > 0)
                    {
                        errors.Invalid(at.Child("operator"), value, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported(at.Child("operator"), op, "Equal", "Exists");
                    break;
            }

            if (before.Any(b => JsonValue.DeepEquals(b, toleration)))
            {
                errors.Duplicate(at, toleration);
            }

            before.Add(toleration);
        }
    }
}
