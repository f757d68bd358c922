using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>CSIDrivers (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class CsiDriverStrategy : ResourceStrategy
{
    private const string TokensBelongInSecrets =
        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

    private const long MinTokenSeconds = 600;
    private const long MinUpdatePeriodSeconds = 10;

    /// <summary>Makes the strategy.</summary>
    public CsiDriverStrategy()
    {
        ReturnsDeletedObject = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap driver)
    {
        JsonMap spec = driver.MapAt("spec");
        spec.SetDefault("attachRequired", true);
        spec.SetDefault("podInfoOnMount", false);
        spec.SetDefault("storageCapacity", false);
        spec.SetDefault("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.List("volumeLifecycleModes") is not { Count: > 0 })
        {
            spec["volumeLifecycleModes"] = new JsonList { "Persistent" };
        }

        spec.SetDefault("requiresRepublish", false);
        spec.SetDefault("seLinuxMount", false);
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => DropDisabled(obj, null);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        DropDisabled(obj, old);
        if (!JsonValue.DeepEquals(obj["spec"], old["spec"]))
        {
            // Only changes are counted: a new one has no generation.
            obj.MapAt("metadata")["generation"] = (old.MapAt("metadata").Integer("generation") ?? 0) + 1;
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        JsonMap spec = obj.MapAt("spec");
        bool changed = old is null || !JsonValue.DeepEquals(spec["tokenRequests"], old.Map("spec")?["tokenRequests"]);
        if (changed && spec.List("tokenRequests") is { Count: > 0 } && spec["serviceAccountTokenInSecrets"] is null)
        {
            yield return TokensBelongInSecrets;
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Spec(obj.MapAt("spec"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec"), before = old.MapAt("spec");
        Spec(spec, errors);
        FieldRules.Immutable(spec["attachRequired"], before["attachRequired"], FieldPath.Of("spec", "attachedRequired"), errors);
        FieldRules.Immutable(
            spec["volumeLifecycleModes"], before["volumeLifecycleModes"], FieldPath.Of("spec", "volumeLifecycleModes"), errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        string audiences = string.Join(",", (spec.List("tokenRequests")?.Maps() ?? []).Select(t => t.String("audience") ?? ""));
        return
        [
            metadata.String("name"),
            spec["attachRequired"] is not false,
            spec.Flag("podInfoOnMount"),
            spec.Flag("storageCapacity"),
            spec.List("tokenRequests") is { Count: > 0 } ? audiences : "<unset>",
            spec.Flag("requiresRepublish"),
            TableText.Joined(spec.List("volumeLifecycleModes")?.Strings() ?? []),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>The feature of this field is off in v1.36.</summary>
    private static void DropDisabled(JsonMap obj, JsonMap? old)
    {
        if (old?.Map("spec")?["preventPodSchedulingIfMissing"] is null)
        {
            obj.MapAt("spec").Remove("preventPodSchedulingIfMissing");
        }
    }

    private static void Spec(JsonMap spec, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        if (spec.String("fsGroupPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, path.Child("fsGroupPolicy"), errors, "File", "None", "ReadWriteOnceWithFSType");
        }

        var audiences = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap request in spec.List("tokenRequests")?.Maps() ?? [])
        {
            FieldPath at = path.Child("tokenRequests").Index(i++);
            if (!audiences.Add(request.String("audience") ?? ""))
            {
                errors.Duplicate(at.Child("audience"), request.String("audience") ?? "");
            }
            else if (request.Integer("expirationSeconds") is { } seconds)
            {
                if (seconds < MinTokenSeconds)
                {
                    errors.Invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
                }

                if (seconds > 1L << 32)
                {
                    errors.Invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
                }
            }
        }

        foreach (string mode in spec.List("volumeLifecycleModes")?.Strings() ?? [])
        {
            FieldRules.OneOf(mode, path.Child("volumeLifecycleModes"), errors, "Persistent", "Ephemeral");
        }

        if (spec.Integer("nodeAllocatableUpdatePeriodSeconds") is < MinUpdatePeriodSeconds and var period)
        {
            errors.Invalid(path.Child("nodeAllocatableUpdatePeriodSeconds"), period, "must be greater than or equal to 10 seconds");
        }

        if (spec["serviceAccountTokenInSecrets"] is { } inSecrets && spec.List("tokenRequests") is not { Count: > 0 })
        {
            errors.Invalid(
                path.Child("serviceAccountTokenInSecrets"), inSecrets,
                "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
        }
    }
}
