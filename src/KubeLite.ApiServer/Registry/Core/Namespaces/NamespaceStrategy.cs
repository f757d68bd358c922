using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Namespaces;

/// <summary>Namespaces: a label with their own name, the finalizer that empties them, the phase.</summary>
public sealed class NamespaceStrategy : ResourceStrategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>Makes the strategy.</summary>
    public NamespaceStrategy() => NameRule = NameRules.Label;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["status.phase"];

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "status" => ["spec"],
        _ => ["status"],
    };

    /// <summary>Sets the label with the namespace's own name; runs with the defaults.</summary>
    public static void Default(JsonMap ns)
    {
        JsonMap metadata = ns.MapAt("metadata");
        if (metadata.String("name") is { Length: > 0 } name)
        {
            metadata.MapAt("labels")[NameLabel] = name;
        }

        ns.MapAt("status").SetDefault("phase", "Active");
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        obj["status"] = new JsonMap { { "phase", "Active" } };
        JsonMap spec = obj.MapAt("spec");
        var finalizers = new JsonList(spec.List("finalizers") ?? []);
        if (!finalizers.Contains("kubernetes"))
        {
            finalizers.Add("kubernetes");
        }

        spec["finalizers"] = finalizers;
        obj.MapAt("metadata").MapAt("labels")[NameLabel] = context.Name;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Finalizers(obj, indexed: false, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        if (context.Subresource == "finalize")
        {
            Finalizers(obj, indexed: true, errors);
        }
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        // Only the finalize subresource writes the finalizers.
        if (context.Subresource != "finalize")
        {
            obj["spec"] = JsonValue.DeepCopy(old["spec"]);
        }
    }

    /// <inheritdoc />
    public override bool HoldsDeletion(WriteContext context, JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        metadata.SetDefault("deletionTimestamp", ApiTime.Format(context.Now));
        obj.MapAt("status")["phase"] = "Terminating";
        return obj.Map("spec")?.List("finalizers") is { Count: > 0 } || metadata.List("finalizers") is { Count: > 0 };
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        bool deleting = obj.MapAt("metadata").ContainsKey("deletionTimestamp");
        string? phase = obj.Map("status")?.String("phase");
        if (phase != (deleting ? "Terminating" : "Active"))
        {
            errors.Invalid(FieldPath.Of("status", "Phase"), phase ?? "", deleting
                ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
                : "may only be 'Active' if `deletionTimestamp` is empty");
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj) =>
    [
        obj.MapAt("metadata").String("name"),
        obj.Map("status")?.String("phase"),
        TableText.Age(obj.MapAt("metadata").String("creationTimestamp")),
    ];

    private static void Finalizers(JsonMap ns, bool indexed, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec", "finalizers");
        int index = 0;
        foreach (string finalizer in ns.Map("spec")?.List("finalizers")?.Strings() ?? [])
        {
            FieldPath at = indexed ? path.Index(index++) : path;
            FieldRules.QualifiedName(finalizer, at, errors);
            if (!finalizer.Contains('/') && finalizer is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                errors.Invalid(at, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }
}
