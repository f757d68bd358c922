using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>Makes the served resources of a CustomResourceDefinition: one definition for every served version.</summary>
public static class CustomResourceFactory
{
    private static readonly string[] s_verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
    private static readonly string[] s_terminatingVerbs = ["delete", "deletecollection", "get", "list", "watch"];
    private static readonly string[] s_subresourceVerbs = ["get", "patch", "update"];

    /// <summary>The definitions of all served versions, linked; none where the storage version is missing.</summary>
    /// <param name="crd">The CustomResourceDefinition, whose names are accepted.</param>
    /// <param name="names">The accepted names.</param>
    public static IReadOnlyList<ResourceDefinition> Make(JsonMap crd, JsonMap names)
    {
        JsonMap spec = crd.MapAt("spec");
        string group = spec.String("group") ?? "", plural = names.String("plural") ?? "";
        List<JsonMap> versions = [.. spec.List("versions")?.Maps() ?? []];
        JsonMap? storage = versions.Find(v => v.Flag("storage"));
        if (storage is null)
        {
            return [];
        }

        GroupVersionKind kindOf(JsonMap version) => new(group, version.String("name") ?? "", names.String("kind") ?? "");
        GroupVersionKind storageKind = kindOf(storage);
        Schema storageSchema = SchemaOf(storage, storageKind);
        List<string> fields = [.. versions.SelectMany(CustomResourceStrategy.FieldsOf).Distinct()];
        bool terminating = crd.MapAt("metadata").ContainsKey("deletionTimestamp");
        bool condition = Conditions.IsTrue(crd, "Terminating");
        var definitions = new List<ResourceDefinition>();
        foreach (JsonMap version in versions.Where(v => v.Flag("served")))
        {
            GroupVersionKind kind = kindOf(version);
            Schema schema = ReferenceEquals(version, storage) ? storageSchema : SchemaOf(version, kind);
            var columns = new PrinterColumns(version.List("additionalPrinterColumns"));
            var facts = new ResourceFacts
            {
                Group = group,
                Version = kind.Version,
                Name = plural,
                Kind = kind,
                ResponseGroupVersion = ("", ""),
                Namespaced = spec.String("scope") == "Namespaced",
                Singular = names.String("singular") ?? "",
                Verbs = condition ? s_terminatingVerbs : s_verbs,
                ShortNames = [.. names.List("shortNames")?.Strings() ?? []],
                Categories = [.. names.List("categories")?.Strings() ?? []],
                Columns = columns.Columns,
            };
            definitions.Add(new ResourceDefinition
            {
                Custom = true,
                Facts = facts,
                Schema = schema,
                OpenApiSchema = version.Map("schema")?.Map("openAPIV3Schema"),
                Strategy = new CustomResourceStrategy(version, schema, columns, fields, terminating || condition),
                StorageKind = storageKind,
                StorageSchema = storageSchema,
                KeyPrefix = $"/registry/{group}/{plural}/",
                Subresources = Subresources(version, facts),
                ListKind = names.String("listKind") ?? kind.Kind + "List",
                DeprecationWarning = Deprecation(version, versions, kind),
                // What was stored under the definition as it was first made needs no second look.
                RefreshesStored = (crd.MapAt("metadata").Integer("generation") ?? 0) > 1,
            });
        }

        foreach (ResourceDefinition definition in definitions)
        {
            definition.Versions = definitions;
        }

        return definitions;
    }

    private static Schema SchemaOf(JsonMap version, GroupVersionKind kind) =>
        CustomSchemas.OfRoot(
            version.Map("schema")?.Map("openAPIV3Schema")
                ?? new JsonMap { { "type", "object" }, { "x-kubernetes-preserve-unknown-fields", true } },
            kind);

    private static Dictionary<string, ResourceFacts> Subresources(JsonMap version, ResourceFacts facts)
    {
        var subresources = new Dictionary<string, ResourceFacts>(StringComparer.Ordinal);
        if (version.Map("subresources")?.Map("status") is not null)
        {
            subresources["status"] = facts with { Subresource = "status", Verbs = s_subresourceVerbs, ShortNames = [], Categories = [] };
        }

        if (version.Map("subresources")?.Map("scale") is not null)
        {
            subresources["scale"] = facts with
            {
                Subresource = "scale",
                Verbs = s_subresourceVerbs,
                ShortNames = [],
                Categories = [],
                Kind = new GroupVersionKind("autoscaling", "v1", "Scale"),
                ResponseGroupVersion = ("autoscaling", "v1"),
            };
        }

        return subresources;
    }

    private static string? Deprecation(JsonMap version, List<JsonMap> versions, GroupVersionKind kind)
    {
        if (!version.Flag("deprecated"))
        {
            return null;
        }

        if (version.String("deprecationWarning") is { } own)
        {
            return own;
        }

        string text = $"{kind.ApiVersion} {kind.Kind} is deprecated";
        string? newer = versions
            .Where(v => v.Flag("served") && !v.Flag("deprecated"))
            .Select(v => v.String("name") ?? "")
            .Where(v => VersionOrder.Newest.Compare(v, kind.Version) < 0)
            .Order(VersionOrder.Newest)
            .FirstOrDefault();
        return newer is null ? text : $"{text}; use {kind.Group}/{newer} {kind.Kind}";
    }
}
