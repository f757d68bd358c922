using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Validates CustomResourceDefinitions (apiextensions' <c>apis/apiextensions/validation</c> of v1.36; CEL rules are not looked at).
/// </summary>
public static class DefinitionValidation
{
    /// <summary>Adds every fault of a definition.</summary>
    /// <param name="crd">The definition.</param>
    /// <param name="old">The definition before; null where it is new.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(JsonMap crd, JsonMap? old, FieldErrors errors)
    {
        JsonMap spec = crd.MapAt("spec");
        string name = crd.MapAt("metadata").String("name") ?? "", group = spec.String("group") ?? "";
        if (old is null && name != $"{spec.MapAt("names").String("plural")}.{group}")
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, "must be spec.names.plural+\".\"+spec.group");
        }

        FieldPath path = FieldPath.Of("spec");
        var leniency = Leniency.For(old);
        Spec(new DefinitionSpec(spec), leniency, path, errors);
        if (old is not null)
        {
            Immutable(spec, old.MapAt("spec"), Conditions.IsTrue(old, "Established"), path, errors);
        }

        Names(crd.Map("status")?.Map("acceptedNames") ?? new JsonMap(), FieldPath.Of("status", "acceptedNames"), errors);
        StoredVersions(crd.Map("status")?.List("storedVersions"), spec.List("versions"), FieldPath.Of("status", "storedVersions"), errors);
        Approved(crd, old, group, errors);
        if (spec.Flag("preserveUnknownFields") && old?.MapAt("spec").Flag("preserveUnknownFields") != true)
        {
            errors.Invalid(
                path.Child("preserveUnknownFields"), true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    /// <summary>Adds every fault of names.</summary>
    public static void Names(JsonMap names, FieldPath path, FieldErrors errors)
    {
        string kind = names.String("kind") ?? "", listKind = names.String("listKind") ?? "";
        foreach (string field in (string[])["plural", "singular"])
        {
            if (names.String(field) is { Length: > 0 } text)
            {
                Joined(NameRules.Dns1035Label(text), text, "", path.Child(field), errors);
            }
        }

        foreach ((string field, string text) in ((string, string)[])[("kind", kind), ("listKind", listKind)])
        {
            if (text.Length > 0)
            {
                Joined(
                    NameRules.Dns1035Label(text.ToLowerInvariant()), text,
                    "may have mixed case, but should otherwise match: ", path.Child(field), errors);
            }
        }

        Each("shortNames");
        if (kind.Length > 0 && kind == listKind)
        {
            errors.Invalid(path.Child("listKind"), listKind, "kind and listKind may not be the same");
        }

        Each("categories");

        void Each(string field)
        {
            int index = 0;
            foreach (string text in names.List(field)?.Strings() ?? [])
            {
                Joined(NameRules.Dns1035Label(text), text, "", path.Child(field).Index(index++), errors);
            }
        }
    }

    private static void Spec(DefinitionSpec spec, Leniency leniency, FieldPath path, FieldErrors errors)
    {
        string group = spec.Json.String("group") ?? "";
        if (group.Length == 0)
        {
            errors.Required(path.Child("group"));
        }
        else if (NameRules.DnsSubdomain(group).ToList() is { Count: > 0 } faults)
        {
            errors.Invalid(path.Child("group"), group, string.Join(",", faults));
        }
        else if (!group.Contains('.'))
        {
            errors.Invalid(path.Child("group"), group, "should be a domain with at least one dot");
        }

        FieldRules.RequiredOneOf(spec.Json.String("scope"), path.Child("scope"), errors, "Cluster", "Namespaced");
        for (int i = 0; i < spec.Versions.Count; i++)
        {
            DefinitionSpec.Version version = spec.Versions[i];
            if (spec.Validation?.Map("openAPIV3Schema") is null && version.Schema?.Map("openAPIV3Schema") is null)
            {
                FieldPath schema = path.Child("versions").Index(i).Child("schema").Child("openAPIV3Schema");
                if (leniency.SchemaRequired)
                {
                    errors.Required(schema);
                }
                else if (version.Json.Flag("served") && !spec.Json.Flag("preserveUnknownFields"))
                {
                    errors.Required(schema, "because otherwise all fields are pruned");
                }
            }
        }

        if (spec.Json.Flag("preserveUnknownFields") && HasDefaults(spec))
        {
            errors.Invalid(path.Child("preserveUnknownFields"), true, "must be false in order to use defaults in the schema");
        }

        Versions(spec, path, errors);
        foreach (string field in (string[])["plural", "singular", "kind", "listKind"])
        {
            if (spec.Json.MapAt("names").String(field) is null or "")
            {
                errors.Required(path.Child("names").Child(field));
            }
        }

        Names(spec.Json.MapAt("names"), path.Child("names"), errors);
        if (spec.Validation is not null)
        {
            bool status = spec.Versions.Any(v => (spec.Subresources ?? v.Subresources)?.Map("status") is not null);
            OpenApiSchemaValidation.Validate(spec.Validation, status, path.Child("validation"), errors);
        }

        DefinitionParts.Subresources(spec.Subresources, path.Child("subresources"), errors);
        DefinitionParts.Columns(spec.Columns, path.Child("additionalPrinterColumns"), errors);
        DefinitionParts.SelectableFields(
            spec.SelectableFields, spec.Validation, "may only be set when validations.schema is included", path, errors);
        JsonMap? conversion = spec.Json.Map("conversion");
        if (conversion is not null && conversion.String("strategy") != "None" && spec.Json.Flag("preserveUnknownFields"))
        {
            errors.Invalid(
                path.Child("conversion").Child("strategy"), conversion.String("strategy"),
                "must be None if spec.preserveUnknownFields is true");
        }

        DefinitionParts.Conversion(conversion, leniency.ChecksBundle, path.Child("conversion"), errors);
    }

    private static bool HasDefaults(DefinitionSpec spec) => spec.Versions.Select(v => v.Schema).Append(spec.Validation)
        .Select(v => v?.Map("openAPIV3Schema")).OfType<JsonMap>().SelectMany(SchemaWalk.All).Any(s => s["default"] is not null);

    private static void Versions(DefinitionSpec spec, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool unique = true;
        int stored = 0;
        for (int i = 0; i < spec.Versions.Count; i++)
        {
            DefinitionSpec.Version version = spec.Versions[i];
            FieldPath at = path.Child("versions").Index(i);
            string name = version.Json.String("name") ?? "";
            stored += version.Json.Flag("storage") ? 1 : 0;
            unique &= seen.Add(name);
            Joined(NameRules.Dns1035Label(name), name, "", at.Child("name"), errors);
            DefinitionParts.DeprecationWarning(version.Json, at, errors);
            if (version.Schema is not null)
            {
                bool status = (spec.Subresources ?? version.Subresources)?.Map("status") is not null;
                OpenApiSchemaValidation.Validate(version.Schema, status, at.Child("schema"), errors);
            }

            DefinitionParts.Subresources(version.Subresources, at.Child("subresources"), errors);
            DefinitionParts.Columns(version.Columns, at.Child("additionalPrinterColumns"), errors);
            DefinitionParts.SelectableFields(
                version.SelectableFields, version.Json.Map("schema"),
                "may only be set when `version.schema.openAPIV3Schema` is not included", at, errors);
        }

        if (!unique)
        {
            errors.Invalid(path.Child("versions"), spec.Shown(), "must contain unique version names");
        }

        if (stored != 1)
        {
            errors.Invalid(path.Child("versions"), spec.Shown(), "must have exactly one version marked as storage version");
        }

        if (spec.Versions.Count > 0 && spec.Versions[0].Json.String("name") is { Length: > 0 } first)
        {
            Joined(NameRules.Dns1035Label(first), first, "", path.Child("version"), errors);
        }
    }

    private static void Immutable(JsonMap spec, JsonMap old, bool established, FieldPath path, FieldErrors errors)
    {
        if (established)
        {
            FieldRules.Immutable(spec["scope"], old["scope"], path.Child("scope"), errors);
            FieldRules.Immutable(spec.MapAt("names")["kind"], old.MapAt("names")["kind"], path.Child("names").Child("kind"), errors);
        }

        FieldRules.Immutable(spec["group"], old["group"], path.Child("group"), errors);
        FieldRules.Immutable(spec.MapAt("names")["plural"], old.MapAt("names")["plural"], path.Child("names").Child("plural"), errors);
    }

    private static void StoredVersions(JsonList? stored, JsonList? versions, FieldPath path, FieldErrors errors)
    {
        if (stored is not { Count: > 0 })
        {
            errors.Invalid(path, stored, "must have at least one stored version");
            return;
        }

        List<string> names = [.. (versions?.Maps() ?? []).Select(v => v.String("name") ?? "")];
        foreach (JsonMap version in versions?.Maps() ?? [])
        {
            if (version.Flag("storage") && !stored.Contains(version.String("name")))
            {
                errors.Invalid(path, stored, "must have the storage version " + version.String("name"));
            }
        }

        for (int i = 0; i < stored.Count; i++)
        {
            if (stored[i] is string name && !names.Contains(name))
            {
                errors.Invalid(
                    path.Index(i), name,
                    $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions");
            }
        }
    }

    /// <summary>Groups of the Kubernetes project need its approval.</summary>
    private static void Approved(JsonMap crd, JsonMap? old, string group, FieldErrors errors)
    {
        ApiApproval approval = ApiApproval.Of(crd);
        if (!ApiApproval.Protects(group) || (old is not null && ApiApproval.Of(old).State == approval.State))
        {
            return;
        }

        FieldPath path = FieldPath.Of("metadata", "annotations").Key(ApiApproval.Annotation);
        switch (approval.State)
        {
            case ApprovalState.Missing:
                errors.Required(path, approval.Reason);
                break;
            case ApprovalState.Invalid:
                errors.Invalid(path, crd.MapAt("metadata").Map("annotations")?[ApiApproval.Annotation], approval.Reason);
                break;
        }
    }

    private static void Joined(IEnumerable<string> faults, string value, string prefix, FieldPath path, FieldErrors errors)
    {
        string text = string.Join(",", faults);
        if (text.Length > 0)
        {
            errors.Invalid(path, value, prefix + text);
        }
    }

    /// <summary>What an older definition may go on doing.</summary>
    private readonly record struct Leniency(bool SchemaRequired, bool ChecksBundle)
    {
        public static Leniency For(JsonMap? old) => new(
            (old?.MapAt("spec").List("versions")?.Maps() ?? []).All(v => v.Map("schema")?.Map("openAPIV3Schema") is not null),
            old is not null && Conditions.IsTrue(old, "Established")
                && DefinitionParts.BundleFault(old.MapAt("spec").Map("conversion")?.Map("webhook")?.Map("clientConfig")) is null);
    }
}
