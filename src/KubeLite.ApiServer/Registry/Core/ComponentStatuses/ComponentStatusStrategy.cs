using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.ComponentStatuses;

/// <summary>ComponentStatuses: made for each request, never stored; deprecated since v1.19.</summary>
public sealed class ComponentStatusStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public ComponentStatusStrategy() => Deprecation = "v1 ComponentStatus is deprecated in v1.19+";

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap? health = obj.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Healthy");
        string status = health is null ? "Unknown" : health.String("status") == "True" ? "Healthy" : "Unhealthy";
        return [obj.MapAt("metadata").String("name"), status, health?.String("message") ?? "", health?.String("error") ?? ""];
    }
}
