using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>CSINodes (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class CsiNodeStrategy : ResourceStrategy
{
    private const int MaxNodeId = 256;

    /// <summary>Makes the strategy.</summary>
    public CsiNodeStrategy()
    {
        ReturnsDeletedObject = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap driver in Drivers(obj))
        {
            Driver(driver, names, FieldPath.Of("spec", "drivers").Index(i++), errors);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        foreach (JsonMap before in Drivers(old))
        {
            foreach (JsonMap driver in Drivers(obj).Where(d => d.String("name") == before.String("name")))
            {
                JsonMap now = driver.DeepCopy(), then = before.DeepCopy();
                // How much a driver can attach may change with the node.
                now.Remove("allocatable");
                then.Remove("allocatable");
                FieldRules.Immutable(
                    now, then, FieldPath.Of("spec", "drivers"), errors,
                    () => InternalForm.Of(now, context.Resource.StorageSchema.Field("spec")!.Schema.Field("drivers")!.Schema.Element!));
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"), (long)(obj.Map("spec")?.List("drivers")?.Count ?? 0),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static IEnumerable<JsonMap> Drivers(JsonMap node) => node.Map("spec")?.List("drivers")?.Maps() ?? [];

    private static void Driver(JsonMap driver, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        string name = driver.String("name") ?? "", id = driver.String("nodeID") ?? "";
        FieldRules.DriverName(name, path.Child("name"), errors);
        if (id.Length == 0)
        {
            errors.Required(path.Child("nodeID"));
        }

        if (Encoding.UTF8.GetByteCount(id) > MaxNodeId)
        {
            errors.Invalid(path.Child("nodeID"), id, $"must be {MaxNodeId} characters or less");
        }

        FieldRules.NonNegative(driver.Map("allocatable"), "count", path.Child("allocatable"), errors);
        if (!names.Add(name))
        {
            errors.Duplicate(path.Child("name"), name);
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (string key in driver.List("topologyKeys")?.Strings() ?? [])
        {
            if (key.Length == 0)
            {
                errors.Required(path);
            }

            if (!keys.Add(key))
            {
                errors.Duplicate(path, key);
            }

            FieldRules.QualifiedName(key, path, errors);
        }
    }
}
