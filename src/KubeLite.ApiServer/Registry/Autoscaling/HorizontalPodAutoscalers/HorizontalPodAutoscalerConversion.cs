using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;

/// <summary>
/// Between autoscaling/v1 and v2: v1 has one target for the CPU, and annotations for what it has no fields for
/// (Kubernetes v1.36, <c>pkg/apis/autoscaling/v1/conversion.go</c>).
/// </summary>
internal static class HorizontalPodAutoscalerConversion
{
    private const string MetricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
    private const string CurrentAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";
    private const string ConditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
    private const string BehaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

    private static readonly string[] s_annotations = [MetricsAnnotation, CurrentAnnotation, ConditionsAnnotation, BehaviorAnnotation];

    /// <summary>The v1 form of a v2 object, which is changed.</summary>
    public static JsonMap ToV1(JsonMap obj)
    {
        JsonMap spec = obj.MapAt("spec");
        DropAnnotations(obj);
        var metrics = new JsonList();
        foreach (JsonMap metric in spec.List("metrics")?.Maps() ?? [])
        {
            JsonMap? resource = metric.Map("resource");
            if (resource?.String("name") == "cpu" && resource.Map("target")?.Integer("averageUtilization") is { } target)
            {
                spec["targetCPUUtilizationPercentage"] = target;
            }
            else
            {
                metrics.Add(MetricToV1(metric, "target", "target"));
            }
        }

        Annotate(obj, MetricsAnnotation, metrics);
        Annotate(obj, BehaviorAnnotation, spec.Map("behavior"));
        spec.Remove("metrics");
        spec.Remove("behavior");
        if (obj.Map("status") is { } status)
        {
            StatusToV1(obj, status);
        }

        return obj;
    }

    /// <summary>The v2 form of a v1 object, which is changed.</summary>
    public static JsonMap ToV2(JsonMap obj)
    {
        JsonMap spec = obj.MapAt("spec"), status = obj.MapAt("status");
        JsonMap? annotations = obj.MapAt("metadata").Map("annotations");
        var metrics = new JsonList(
            (Parse(annotations, MetricsAnnotation) as JsonList ?? []).Maps().Select(m => MetricToV2(m, "target", "target")));
        if (spec.Integer("targetCPUUtilizationPercentage") is { } target)
        {
            metrics.Insert(0, Cpu("target", target, "Utilization"));
        }

        if (metrics.Count > 0)
        {
            spec["metrics"] = metrics;
        }

        if (Parse(annotations, BehaviorAnnotation) is JsonMap behavior)
        {
            spec["behavior"] = behavior;
        }

        spec.Remove("targetCPUUtilizationPercentage");
        var current = new JsonList(
            (Parse(annotations, CurrentAnnotation) as JsonList ?? []).Maps().Select(m => MetricToV2(m, "current", "current")));
        if (status.Integer("currentCPUUtilizationPercentage") is { } used)
        {
            current.Insert(0, Cpu("current", used, null));
        }

        if (current.Count > 0)
        {
            status["currentMetrics"] = current;
        }

        if (Parse(annotations, ConditionsAnnotation) is JsonList conditions)
        {
            status["conditions"] = conditions;
        }

        status.Remove("currentCPUUtilizationPercentage");
        DropAnnotations(obj);
        return obj;
    }

    private static void StatusToV1(JsonMap obj, JsonMap status)
    {
        var current = new JsonList();
        foreach (JsonMap metric in status.List("currentMetrics")?.Maps() ?? [])
        {
            JsonMap? resource = metric.Map("resource");
            if (resource?.String("name") == "cpu" && resource.Map("current")?.Integer("averageUtilization") is { } used)
            {
                status["currentCPUUtilizationPercentage"] = used;
            }

            current.Add(MetricToV1(metric, "current", "current"));
        }

        Annotate(obj, CurrentAnnotation, current);
        Annotate(obj, ConditionsAnnotation, status.List("conditions"));
        status.Remove("currentMetrics");
        status.Remove("conditions");
    }

    private static JsonMap Cpu(string member, long value, string? type)
    {
        var amounts = new JsonMap();
        if (type is not null)
        {
            amounts["type"] = type;
        }

        amounts["averageUtilization"] = value;
        return new JsonMap { { "type", "Resource" }, { "resource", new JsonMap { { "name", "cpu" }, { member, amounts } } } };
    }

    /// <summary>A metric as v1's annotations hold it: amounts beside the metric's name instead of below.</summary>
    private static JsonMap MetricToV1(JsonMap metric, string member, string prefix)
    {
        var result = new JsonMap { { "type", metric["type"] } };
        foreach (var (kind, value) in metric)
        {
            if (value is not JsonMap source)
            {
                continue;
            }

            JsonMap? amounts = source.Map(member), identifier = source.Map("metric");
            var flat = new JsonMap();
            string capital = char.ToUpperInvariant(prefix[0]) + prefix[1..];
            switch (kind)
            {
                case "object":
                    Put(flat, "target", source["describedObject"]);
                    Put(flat, "metricName", identifier?["name"]);
                    Put(flat, $"{prefix}Value", amounts?["value"] ?? "0");
                    Put(flat, "selector", identifier?["selector"]);
                    Put(flat, "averageValue", amounts?["averageValue"]);
                    break;
                case "pods":
                    Put(flat, "metricName", identifier?["name"]);
                    Put(flat, $"{prefix}AverageValue", amounts?["averageValue"] ?? "0");
                    Put(flat, "selector", identifier?["selector"]);
                    break;
                case "external":
                    Put(flat, "metricName", identifier?["name"]);
                    Put(flat, "metricSelector", identifier?["selector"]);
                    Put(flat, $"{prefix}Value", amounts?["value"] ?? (prefix == "current" ? "0" : null));
                    Put(flat, $"{prefix}AverageValue", amounts?["averageValue"]);
                    break;
                default:
                    Put(flat, "name", source["name"]);
                    Put(flat, $"{prefix}AverageUtilization", amounts?["averageUtilization"]);
                    Put(flat, $"{prefix}AverageValue", amounts?["averageValue"] ?? (prefix == "current" ? "0" : null));
                    Put(flat, "container", source["container"]);
                    break;
            }

            result[kind] = flat;
        }

        return result;
    }

    private static JsonMap MetricToV2(JsonMap metric, string member, string prefix)
    {
        var result = new JsonMap { { "type", metric["type"] } };
        foreach (var (kind, value) in metric)
        {
            if (value is not JsonMap flat)
            {
                continue;
            }

            object? average = flat[$"{prefix}AverageValue"] ?? flat["averageValue"], utilization = flat[$"{prefix}AverageUtilization"];
            object? amount = average is null || prefix == "current" ? flat[$"{prefix}Value"] : null;
            var amounts = new JsonMap();
            if (prefix == "target")
            {
                amounts["type"] = utilization is not null ? "Utilization" : average is not null ? "AverageValue" : "Value";
            }

            Put(amounts, "value", amount);
            Put(amounts, "averageValue", average);
            Put(amounts, "averageUtilization", utilization);
            var source = new JsonMap();
            if (kind is "object" or "pods" or "external")
            {
                Put(source, "describedObject", kind == "object" ? flat["target"] : null);
                var identifier = new JsonMap { { "name", flat["metricName"] } };
                Put(identifier, "selector", flat["selector"] ?? flat["metricSelector"]);
                source["metric"] = identifier;
            }
            else
            {
                Put(source, "name", flat["name"]);
                Put(source, "container", flat["container"]);
            }

            source[member] = amounts;
            result[kind] = source;
        }

        return result;
    }

    private static void Put(JsonMap map, string name, object? value)
    {
        if (value is not null)
        {
            map[name] = value;
        }
    }

    private static void Annotate(JsonMap obj, string name, object? value)
    {
        if (value is not null and not JsonList { Count: 0 })
        {
            obj.MapAt("metadata").MapAt("annotations")[name] = JsonWriting.ToText(value);
        }
    }

    private static object? Parse(JsonMap? annotations, string name)
    {
        try
        {
            return annotations?.String(name) is { } text ? JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(text)) : null;
        }
        catch (JsonSyntaxException)
        {
            // What can't be read is dropped, as in Kubernetes' conversion of stored objects.
            return null;
        }
    }

    private static void DropAnnotations(JsonMap obj)
    {
        if (obj.MapAt("metadata").Map("annotations") is not { } annotations)
        {
            return;
        }

        foreach (string name in s_annotations)
        {
            annotations.Remove(name);
        }
    }
}
