using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.Events;

/// <summary>Between core/v1 and events.k8s.io/v1: the same event, several of its fields under other names.</summary>
internal static class EventConversion
{
    private static readonly (string Core, string New)[] s_names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    /// <summary>The event in another API version; the given object is not used any more.</summary>
    public static JsonMap To(JsonMap obj, string apiVersion)
    {
        bool core = apiVersion == "v1";
        var result = new JsonMap(obj.Count);
        foreach (var (name, value) in obj)
        {
            string renamed = name;
            foreach ((string coreName, string newName) in s_names)
            {
                if (name == (core ? newName : coreName))
                {
                    renamed = core ? coreName : newName;
                }
            }

            result.Append(renamed, value);
        }

        result["apiVersion"] = apiVersion;
        return result;
    }
}
