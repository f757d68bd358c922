using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Scheduling;

/// <summary>PriorityClasses (Kubernetes v1.36, <c>pkg/apis/scheduling/validation</c>).</summary>
public sealed class PriorityClassStrategy : ResourceStrategy
{
    private const string SystemPrefix = "system-";
    private const long HighestUserDefinable = 1_000_000_000;

    private static readonly Dictionary<string, long> s_system = new(StringComparer.Ordinal)
    {
        ["system-node-critical"] = 2 * HighestUserDefinable + 1000,
        ["system-cluster-critical"] = 2 * HighestUserDefinable,
    };

    /// <summary>Makes the strategy.</summary>
    public PriorityClassStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap priority) => priority.SetDefault("preemptionPolicy", "PreemptLowerPriority");

    /// <inheritdoc />
    /// <remarks>The generation stays 1: what may change in a class doesn't count.</remarks>
    public override object? GenerationContent(JsonMap obj) => null;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        string name = obj.MapAt("metadata").String("name") ?? "";
        long value = obj.Integer("value") ?? 0;
        if (name.StartsWith(SystemPrefix, StringComparison.Ordinal))
        {
            if (SystemFault(name, value, obj.Flag("globalDefault")) is { } fault)
            {
                errors.Forbidden(
                    FieldPath.Of("metadata", "name"),
                    $"priority class names with '{SystemPrefix}' prefix are reserved for system use only. error: {fault}");
            }
        }
        else if (value > HighestUserDefinable)
        {
            errors.Forbidden(FieldPath.Of("value"), $"maximum allowed value of a user defined priority is {HighestUserDefinable}");
        }

        if (obj.String("preemptionPolicy") is { } policy)
        {
            FieldRules.RequiredOneOf(policy, FieldPath.Of("preemptionPolicy"), errors, "PreemptLowerPriority", "Never");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        if (obj.Integer("value") != old.Integer("value"))
        {
            errors.Forbidden(FieldPath.Of("value"), "may not be changed in an update.");
        }

        FieldRules.Immutable(obj["preemptionPolicy"], old["preemptionPolicy"], FieldPath.Of("preemptionPolicy"), errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"),
            obj.Integer("value") ?? 0,
            obj.Flag("globalDefault"),
            TableText.Age(metadata.String("creationTimestamp")),
            obj.String("preemptionPolicy"),
        ];
    }

    private static string? SystemFault(string name, long value, bool isDefault)
    {
        if (!s_system.TryGetValue(name, out long known))
        {
            return $"{name} is not a known system priority class";
        }

        return value != known ? $"value of {name} PriorityClass must be {known}" :
            isDefault ? $"globalDefault of {name} PriorityClass must be false" : null;
    }
}
