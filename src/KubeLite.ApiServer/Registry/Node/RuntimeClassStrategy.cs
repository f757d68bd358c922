using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Core.Pods.Scheduling;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Node;

/// <summary>RuntimeClasses (Kubernetes v1.36, <c>pkg/apis/node/validation</c>).</summary>
public sealed class RuntimeClassStrategy : ResourceStrategy
{
    private static readonly HashSet<string> s_noClaims = [];

    /// <summary>Makes the strategy.</summary>
    public RuntimeClassStrategy()
    {
        AllowsCreateOnUpdate = true;
        AllowsUnconditionalUpdate = false;
    }

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
            new ResourceRequirements(errors, s_noClaims).Container(
                new JsonMap { { "limits", overhead["podFixed"] } }, FieldPath.Of("overhead"));
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
        (obj.Map("scheduling")?.Map("nodeSelector") ?? []).Select(m => NodeLabels.Deprecation(m.Key))
            .OfType<string>().Select(m => $"scheduling.nodeSelector: {m}");

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return [metadata.String("name"), obj.String("handler"), TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void Tolerations(JsonList? tolerations, FieldPath path, FieldErrors errors)
    {
        TolerationValidation.Validate(tolerations, path, errors);
        var seen = new HashSet<(string, string, string, string)>();
        int index = 0;
        foreach (JsonMap toleration in tolerations?.Maps() ?? [])
        {
            string key = toleration.String("key") ?? "", op = toleration.String("operator") ?? "";
            string value = toleration.String("value") ?? "", effect = toleration.String("effect") ?? "";
            if (!seen.Add((key, op, value, effect)))
            {
                errors.Duplicate(path.Index(index), new JsonMap
                {
                    { "Key", key }, { "Operator", op }, { "Value", value }, { "Effect", effect },
                    { "TolerationSeconds", toleration["tolerationSeconds"] },
                });
            }

            index++;
        }
    }
}
