using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>Keeps the objects as they are without which no request could be put into a queue.</summary>
internal static class FlowMandatory
{
    /// <summary>Adds a fault if the spec of such an object changes; it was stored with its one right value.</summary>
    public static void Validate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors, params ReadOnlySpan<string> names)
    {
        string name = obj.MapAt("metadata").String("name") ?? "";
        if (names.Contains(name) && !JsonValue.DeepEquals(obj["spec"], old["spec"]))
        {
            errors.Invalid(
                FieldPath.Of("spec"), InternalForm.Of(obj["spec"], context.Resource.StorageSchema.Field("spec")!.Schema), $"spec of '{name}' must equal the fixed value");
        }
    }
}
