using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Brings parsed bodies into the form of their kind, and objects from one served version to another.</summary>
public sealed class ObjectCodec(ResourceRegistry registry, Defaulter defaulter)
{
    /// <summary>The defaults of built-in types.</summary>
    public Defaulter Defaulter => defaulter;

    /// <summary>Decodes, defaults and normalizes an object.</summary>
    /// <param name="value">The parsed object; it is changed.</param>
    /// <param name="definition">What it is to be.</param>
    /// <param name="unknown">Gets the paths of members that the schema doesn't name.</param>
    /// <exception cref="DecodeException">A value is of a wrong type.</exception>
    public void Decode(JsonMap value, ResourceDefinition definition, List<string> unknown)
    {
        SchemaDecoder.Decode(value, definition.Schema, unknown);
        Default(value, definition);
    }

    /// <summary>Sets the defaults of a decoded object and normalizes it.</summary>
    public void Default(JsonMap value, ResourceDefinition definition)
    {
        if (definition.Custom)
        {
            CustomDefaults.Apply(value, definition.Schema);
        }
        else
        {
            defaulter.Apply(value, definition.Schema);
        }

        Normalizer.Normalize(value, definition.Schema, sent: true);
    }

    /// <summary>Refuses a body of another kind or version than the path names, and fills in what it leaves out.</summary>
    /// <exception cref="ApiException">400, in Kubernetes' words.</exception>
    public void CheckKind(JsonMap value, GroupVersionKind expected)
    {
        string apiVersion = value.String("apiVersion") ?? "", kind = value.String("kind") ?? "";
        if (kind.Length > 0 && kind != expected.Kind)
        {
            var sent = GroupVersionKind.Parse(apiVersion.Length > 0 ? apiVersion : expected.ApiVersion, kind);
            string fault = registry.Serves(sent)
                ? $"converting ({sent.Version}.{sent.Kind}) to " +
                    $"({(expected.Group.Length == 0 ? "core" : expected.Group.Split('.')[0])}.{expected.Kind}): unknown conversion"
                : $"no kind \"{sent.Kind}\" is registered for version \"{sent.ApiVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"";
            throw ApiException.BadRequest($"{sent.Kind} in version \"{sent.Version}\" cannot be handled as a {expected.Kind}: {fault}");
        }

        if (apiVersion.Length > 0 && apiVersion != expected.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({expected.ApiVersion})");
        }

        value["kind"] = expected.Kind;
        value["apiVersion"] = expected.ApiVersion;
    }

    /// <summary>An empty object of a kind as Kubernetes would write it.</summary>
    public static JsonMap Empty(ResourceDefinition definition)
    {
        var value = new JsonMap { { "kind", definition.Kind.Kind }, { "apiVersion", definition.Kind.ApiVersion } };
        Normalizer.Normalize(value, definition.Schema);
        return value;
    }

    /// <summary>The object in the version in which it is stored; it may be changed.</summary>
    public JsonMap ToStorage(JsonMap value, ResourceDefinition definition)
    {
        if (definition.IsStorageVersion)
        {
            return value;
        }

        JsonMap converted = definition.Strategy.Convert(value, definition.StorageKind);
        if (!definition.Custom)
        {
            defaulter.Apply(converted, definition.StorageSchema);
        }

        Normalizer.Normalize(converted, definition.StorageSchema);
        return converted;
    }

    /// <summary>
    /// A valid object as it will be stored: what the storage version of a custom resource doesn't know is lost, and its defaults
    /// are set, as on every read of it.
    /// </summary>
    public static JsonMap Settled(JsonMap value, ResourceDefinition definition) =>
        definition.Custom && !definition.IsStorageVersion ? Refresh(value, definition.StorageSchema) : value;

    /// <summary>A stored object as the storage version has it today, whatever it was when it was written; it may be changed.</summary>
    public static JsonMap AsStored(JsonMap value, ResourceDefinition definition) => definition.RefreshesStored
        ? Refresh(definition.Strategy.Convert(value, definition.StorageKind), definition.StorageSchema)
        : value;

    /// <summary>A stored object in the definition's version; it may be changed.</summary>
    public static JsonMap FromStorage(JsonMap value, ResourceDefinition definition)
    {
        JsonMap stored = AsStored(value, definition);
        if (definition.IsStorageVersion)
        {
            return stored;
        }

        JsonMap converted = definition.Strategy.Convert(stored, definition.Kind);
        if (definition.Custom)
        {
            // Only the storage version has its defaults set on a read.
            SchemaDecoder.Decode(converted, definition.Schema, []);
            CustomDefaults.DropNulls(converted, definition.Schema);
        }

        Normalizer.Normalize(converted, definition.Schema);
        return converted;
    }

    /// <summary>An object in another served version of its kind; null where that isn't served.</summary>
    public JsonMap? Convert(JsonMap value, ResourceDefinition from, string apiVersion)
    {
        if (from.Kind.ApiVersion == apiVersion)
        {
            return value;
        }

        ResourceDefinition? to = from.Versions.FirstOrDefault(v => v.Kind.ApiVersion == apiVersion);
        if (to is { Custom: true })
        {
            JsonMap copy = value.DeepCopy();
            copy["apiVersion"] = apiVersion;
            return copy;
        }

        return to is null ? null : FromStorage(ToStorage(value.DeepCopy(), from), to);
    }

    private static JsonMap Refresh(JsonMap value, Schema schema)
    {
        SchemaDecoder.Decode(value, schema, []);
        CustomDefaults.Apply(value, schema);
        Normalizer.Normalize(value, schema);
        return value;
    }
}
