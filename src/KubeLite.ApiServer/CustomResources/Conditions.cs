using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>The conditions of a CustomResourceDefinition.</summary>
public static class Conditions
{
    /// <summary>The condition of a type; null where there is none.</summary>
    public static JsonMap? Find(JsonMap crd, string type) =>
        crd.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == type);

    /// <summary>True where the condition is there and true.</summary>
    public static bool IsTrue(JsonMap crd, string type) => Find(crd, type)?.String("status") == "True";

    /// <summary>Sets a condition; its time changes with its status.</summary>
    public static void Set(JsonMap crd, string type, string status, string reason, string message, string now)
    {
        JsonMap? present = Find(crd, type);
        string time = present?.String("status") == status ? present.String("lastTransitionTime") ?? now : now;
        var condition = new JsonMap
        {
            { "type", type },
            { "status", status },
            { "lastTransitionTime", time },
            { "reason", reason },
            { "message", message },
        };
        JsonMap holder = crd.MapAt("status");
        if (holder.List("conditions") is not { } conditions)
        {
            holder["conditions"] = conditions = [];
        }

        int at = conditions.FindIndex(c => (c as JsonMap)?.String("type") == type);
        if (at < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[at] = condition;
        }
    }
}
