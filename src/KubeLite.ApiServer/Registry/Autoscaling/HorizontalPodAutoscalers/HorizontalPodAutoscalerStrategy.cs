using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;

/// <summary>HorizontalPodAutoscalers, stored as autoscaling/v2 (Kubernetes v1.36, <c>pkg/registry/autoscaling</c>).</summary>
public sealed class HorizontalPodAutoscalerStrategy : ResourceStrategy
{
    private const string V1 = "autoscaling/v1";

    /// <summary>Sets the defaults of autoscaling/v1; the target's default depends on annotations and is set in conversion.</summary>
    public static void DefaultV1(JsonMap autoscaler) => autoscaler.MapAt("spec").SetDefault("minReplicas", 1L);

    /// <summary>Sets the defaults of autoscaling/v2.</summary>
    public static void Default(JsonMap autoscaler)
    {
        JsonMap spec = autoscaler.MapAt("spec");
        spec.SetDefault("minReplicas", 1L);
        if (spec.List("metrics") is not { Count: > 0 })
        {
            var target = new JsonMap { { "type", "Utilization" }, { "averageUtilization", 80L } };
            var resource = new JsonMap { { "name", "cpu" }, { "target", target } };
            spec["metrics"] = new JsonList { new JsonMap { { "type", "Resource" }, { "resource", resource } } };
        }

        if (spec.Map("behavior") is { } behavior)
        {
            JsonMap up = behavior.MapAt("scaleUp"), down = behavior.MapAt("scaleDown");
            up.SetDefault("stabilizationWindowSeconds", 0L);
            up.SetDefault("selectPolicy", "Max");
            up.SetDefault("policies", new JsonList { Policy("Pods", 4), Policy("Percent", 100) });
            down.SetDefault("selectPolicy", "Max");
            down.SetDefault("policies", new JsonList { Policy("Percent", 100) });
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        HorizontalPodAutoscalerValidation.Spec(obj.MapAt("spec"), null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        HorizontalPodAutoscalerValidation.Spec(obj.MapAt("spec"), old.MapAt("spec"), errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldRules.NonNegative(obj.Map("status"), "currentReplicas", FieldPath.Of("status"), errors);
        FieldRules.NonNegative(obj.Map("status"), "desiredReplicas", FieldPath.Of("status"), errors);
    }

    /// <inheritdoc />
    public override JsonMap Convert(JsonMap obj, GroupVersionKind to)
    {
        JsonMap converted = to.ApiVersion == obj.String("apiVersion") ? obj :
            to.ApiVersion == V1 ? HorizontalPodAutoscalerConversion.ToV1(obj) : HorizontalPodAutoscalerConversion.ToV2(obj);
        converted["apiVersion"] = to.ApiVersion;
        return converted;
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap autoscaler = obj.String("apiVersion") == V1 ? HorizontalPodAutoscalerConversion.ToV2(obj.DeepCopy()) : obj;
        JsonMap metadata = obj.MapAt("metadata"), spec = autoscaler.MapAt("spec");
        JsonMap? target = spec.Map("scaleTargetRef"), status = autoscaler.Map("status");
        return
        [
            metadata.String("name"),
            $"{target?.String("kind")}/{target?.String("name")}",
            HorizontalPodAutoscalerTable.Metrics(spec.List("metrics"), status?.List("currentMetrics")),
            spec.Integer("minReplicas") is { } min ? IntOrPercent.Text(min) : "<unset>",
            spec.Integer("maxReplicas") ?? 0,
            status?.Integer("currentReplicas") ?? 0,
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static JsonMap Policy(string type, long value) => new() { { "type", type }, { "value", value }, { "periodSeconds", 15L } };
}
