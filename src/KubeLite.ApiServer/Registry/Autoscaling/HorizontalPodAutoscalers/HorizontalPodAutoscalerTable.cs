using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;

/// <summary>The Targets cell of autoscalers: each metric's current value and its target, the first two of them.</summary>
internal static class HorizontalPodAutoscalerTable
{
    private const int Shown = 2;
    private const string Unknown = "<unknown>";

    public static string Metrics(JsonList? metrics, JsonList? current)
    {
        if (metrics is not { Count: > 0 })
        {
            return TableText.None;
        }

        var texts = new List<string>(metrics.Count);
        for (int i = 0; i < metrics.Count; i++)
        {
            texts.Add(Metric((JsonMap)metrics[i]!, i < current?.Count ? current[i] as JsonMap : null));
        }

        string text = string.Join(", ", texts.Take(Shown));
        return texts.Count > Shown ? $"{text} + {texts.Count - Shown} more..." : text;
    }

    private static string Metric(JsonMap metric, JsonMap? status)
    {
        string member = metric.String("type") switch
        {
            "External" => "external",
            "Pods" => "pods",
            "Object" => "object",
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            _ => "",
        };
        if (metric.Map(member) is not { } source)
        {
            return "<unknown type>";
        }

        JsonMap? target = source.Map("target"), current = status?.Map(member)?.Map("current");
        string? average = target?.String("averageValue");
        string currentAverage = current?.String("averageValue") ?? Unknown;
        switch (member)
        {
            case "pods":
                return $"{currentAverage}/{average}";
            case "external" or "object":
                return average is not null
                    ? $"{currentAverage}/{average} (avg)"
                    : $"{current?.String("value") ?? Unknown}/{target?.String("value")}";
            default:
                if (average is not null)
                {
                    return $"{source.String("name")}: {currentAverage}/{average}";
                }

                string used = current?.Integer("averageUtilization") is { } now ? $"{now}%" : Unknown;
                string wanted = target?.Integer("averageUtilization") is { } goal ? $"{goal}%" : "<auto>";
                return $"{source.String("name")}: {used}/{wanted}";
        }
    }
}
