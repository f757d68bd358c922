using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Bootstrap;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>Keeps the objects as they are without which no request could be put into a queue.</summary>
internal static class FlowMandatory
{
    private static readonly string[] s_names = ["exempt", "catch-all"];

    private static readonly Lazy<Dictionary<string, JsonMap>> s_specs = new(() =>
    {
        JsonMap objects = ClusterBootstrap.Load();
        return (from kind in (string[])["flowschemas", "prioritylevelconfigurations"]
                from obj in objects.List(kind)?.Maps() ?? []
                let name = obj.MapAt("metadata").String("name")
                where s_names.Contains(name)
                select (Key: $"{kind}/{name}", Spec: obj.MapAt("spec"))).ToDictionary(o => o.Key, o => o.Spec, StringComparer.Ordinal);
    });

    /// <summary>Adds a fault if such an object has another spec than the server made it with.</summary>
    /// <param name="context">The write.</param>
    /// <param name="resource">The plural name of its kind.</param>
    /// <param name="obj">The object.</param>
    /// <param name="errors">Gets the fault.</param>
    /// <param name="free">The member of an exempt spec that anyone may choose; null for none.</param>
    public static void Validate(WriteContext context, string resource, JsonMap obj, FieldErrors errors, string? free = null)
    {
        string name = obj.MapAt("metadata").String("name") ?? "";
        if (!s_specs.Value.TryGetValue($"{resource}/{name}", out JsonMap? fixedSpec))
        {
            return;
        }

        JsonMap spec = obj.MapAt("spec"), compared = spec.DeepCopy(), wanted = fixedSpec.DeepCopy();
        string except = "";
        if (free is not null && name == "exempt")
        {
            compared.Remove(free);
            wanted.Remove(free);
            except = $" except the 'spec.{free}' field";
        }

        if (!JsonValue.DeepEquals(compared, wanted))
        {
            errors.Invalid(
                FieldPath.Of("spec"), InternalForm.Of(spec, context.Resource.StorageSchema.Field("spec")!.Schema),
                $"spec of '{name}'{except} must equal the fixed value");
        }
    }
}
