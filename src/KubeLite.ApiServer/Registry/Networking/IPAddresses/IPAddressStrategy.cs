using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.IPAddresses;

/// <summary>IPAddresses, whose name is the address (Kubernetes v1.36, <c>pkg/registry/networking/ipaddress</c>).</summary>
public sealed class IPAddressStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public IPAddressStrategy() => NameRule = (name, _) => IpText.AddressFaults(name, canonical: true);

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.parentRef.namespace", "spec.parentRef.name"];

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec", "parentRef");
        if (obj.Map("spec")?.Map("parentRef") is not { } parent)
        {
            errors.Required(path);
            return;
        }

        if (parent.String("group") is { Length: > 0 } group)
        {
            FieldRules.Subdomain(group, path.Child("group"), errors);
        }

        Segment("resource", required: true);
        Segment("name", required: true);
        Segment("namespace", required: false);

        void Segment(string name, bool required)
        {
            string value = parent.String(name) ?? "";
            if (value.Length > 0)
            {
                FieldRules.Follows(NameRules.PathSegment(value), value, path.Child(name), errors);
            }
            else if (required)
            {
                errors.Required(path.Child(name));
            }
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        JsonMap? parent = obj.MapAt("spec").Map("parentRef");
        FieldRules.Immutable(parent, old.MapAt("spec").Map("parentRef"), FieldPath.Of("spec", "parentRef"), errors, () =>
            InternalForm.Of(parent, context.Resource.StorageSchema.Field("spec")!.Schema.Field("parentRef")!.Schema));
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? parent = obj.Map("spec")?.Map("parentRef");
        string group = parent?.String("group") ?? "";
        string text = parent is null ? TableText.None : string.Join('/', ((string?[])
            [
                (group.Length > 0 ? $"{parent.String("resource")}.{group}" : parent.String("resource"))?.ToLowerInvariant(),
                parent.String("namespace"),
                parent.String("name"),
            ]).Where(p => !string.IsNullOrEmpty(p)));
        return [metadata.String("name"), text, TableText.Age(metadata.String("creationTimestamp"))];
    }
}
