using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.ConfigMaps;

/// <summary>ConfigMaps (Kubernetes v1.36, <c>pkg/registry/core/configmap</c>).</summary>
public sealed class ConfigMapStrategy : ResourceStrategy
{
    /// <summary>The most bytes that a ConfigMap's or Secret's values may have together.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string Fixed = "field is immutable when `immutable` is set";

    /// <summary>The decoded length of base64 text.</summary>
    public static int Base64Length(string text) =>
        (text.Length / 4 * 3) - (text.EndsWith("==", StringComparison.Ordinal) ? 2 : text.EndsWith('=') ? 1 : 0);

    /// <summary>Adds the faults of changing what was declared immutable.</summary>
    public static void Unchanged(JsonMap obj, JsonMap old, FieldErrors errors, params ReadOnlySpan<string> members)
    {
        if (!old.Flag("immutable"))
        {
            return;
        }

        if (!obj.Flag("immutable"))
        {
            errors.Forbidden(FieldPath.Of("immutable"), Fixed);
        }

        foreach (string name in members)
        {
            if (!JsonValue.DeepEquals(obj[name], old[name]))
            {
                errors.Forbidden(FieldPath.Of(name), Fixed);
            }
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap data = obj.Map("data") ?? new JsonMap(), binary = obj.Map("binaryData") ?? new JsonMap();
        long size = 0;
        foreach (var (key, value) in data)
        {
            Key(key, "data");
            if (binary.ContainsKey(key))
            {
                errors.Invalid(FieldPath.Of("data").Key(key), key, "duplicate of key present in binaryData");
            }

            size += Encoding.UTF8.GetByteCount(value as string ?? "");
        }

        foreach (var (key, value) in binary)
        {
            Key(key, "binaryData");
            size += Base64Length(value as string ?? "");
        }

        if (size > MaxBytes)
        {
            errors.TooLong(FieldPath.Of(""), MaxBytes);
        }

        void Key(string key, string member) => FieldRules.Follows(NameRules.ConfigKey(key), key, FieldPath.Of(member).Key(key), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Unchanged(obj, old, errors, "data", "binaryData");
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        long count = (obj.Map("data")?.Count ?? 0) + (obj.Map("binaryData")?.Count ?? 0);
        return [metadata.String("name"), count, TableText.Age(metadata.String("creationTimestamp"))];
    }
}
