using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>Validates the conditions of FlowSchemas and PriorityLevelConfigurations.</summary>
internal static class FlowConditions
{
    /// <summary>Adds a fault for every type that is missing or stands twice.</summary>
    public static void Validate(JsonMap obj, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status", "conditions");
        var types = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap condition in obj.Map("status")?.List("conditions")?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++).Child("type");
            string type = condition.String("type") ?? "";
            if (!types.Add(type))
            {
                errors.Duplicate(at, type);
            }

            if (type.Length == 0)
            {
                errors.Required(at);
            }
        }
    }
}
