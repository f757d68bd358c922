using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>StorageClasses (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class StorageClassStrategy : ResourceStrategy
{
    private const int MaxParameters = 512;
    private const int MaxParameterBytes = 256 * 1024;

    /// <summary>Makes the strategy.</summary>
    public StorageClassStrategy() => ReturnsDeletedObject = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap storageClass)
    {
        storageClass.SetDefault("reclaimPolicy", "Delete");
        storageClass.SetDefault("volumeBindingMode", "Immediate");
    }

    /// <summary>Validates who provides the volumes of a class.</summary>
    public static void Provisioner(string? provisioner, FieldPath path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(provisioner))
        {
            errors.Required(path);
        }
        else
        {
            FieldRules.QualifiedName(provisioner.ToLowerInvariant(), path, errors);
        }
    }

    /// <summary>Validates the parameters of a class.</summary>
    public static void Parameters(JsonMap? parameters, bool needed, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("parameters");
        if (parameters?.Count > MaxParameters)
        {
            errors.TooLong(path, MaxParameters);
            return;
        }

        long size = 0;
        foreach (var (key, value) in parameters ?? [])
        {
            if (key.Length == 0)
            {
                errors.Invalid(path, key, "field can not be empty.");
            }

            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value as string ?? "");
        }

        if (size > MaxParameterBytes)
        {
            errors.TooLong(path, MaxParameterBytes);
        }

        if (needed && parameters is not { Count: > 0 })
        {
            errors.Required(path, "must contain at least one key/value pair");
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        Provisioner(obj.String("provisioner"), FieldPath.Of("provisioner"), errors);
        Parameters(obj.Map("parameters"), needed: false, errors);
        if (obj.String("reclaimPolicy") is { Length: > 0 } policy)
        {
            FieldRules.OneOf(policy, FieldPath.Of("reclaimPolicy"), errors, "Delete", "Retain");
        }

        FieldRules.OneOf(obj.String("volumeBindingMode"), FieldPath.Of("volumeBindingMode"), errors, "Immediate", "WaitForFirstConsumer");
        Topologies(obj.List("allowedTopologies"), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        foreach (string name in (string[])["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"])
        {
            FieldRules.Immutable(obj[name], old[name], FieldPath.Of(name), errors);
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        int index = 0;
        foreach (JsonMap term in obj.List("allowedTopologies")?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("allowedTopologies").Index(index++).Child("matchLabelExpressions");
            int item = 0;
            foreach (JsonMap expression in term.List("matchLabelExpressions")?.Maps() ?? [])
            {
                if (NodeLabels.Deprecation(expression.String("key")) is { } message)
                {
                    yield return $"{path.Index(item).Child("key")}: {message}";
                }

                item++;
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            DefaultMarked(metadata, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"),
            obj.String("provisioner"),
            obj.String("reclaimPolicy") ?? "Delete",
            obj.String("volumeBindingMode") ?? "Immediate",
            obj.Flag("allowVolumeExpansion"),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>The name, with a mark for the default class.</summary>
    internal static string DefaultMarked(JsonMap metadata, params ReadOnlySpan<string> annotations)
    {
        foreach (string annotation in annotations)
        {
            if (metadata.Map("annotations")?.String(annotation) == "true")
            {
                return metadata.String("name") + " (default)";
            }
        }

        return metadata.String("name")!;
    }

    private static void Topologies(JsonList? terms, FieldErrors errors)
    {
        int i = 0;
        // Kubernetes compares each term with an empty one for every term there is, too.
        List<JsonMap> before = [.. (terms?.Maps() ?? []).Select(_ => new JsonMap())];
        foreach (JsonMap term in terms?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("allowedTopologies").Index(i++);
            var keys = new SortedDictionary<string, JsonList>(StringComparer.Ordinal);
            int j = 0;
            foreach (JsonMap expression in term.List("matchLabelExpressions")?.Maps() ?? [])
            {
                FieldPath at = path.Child("matchLabelExpressions").Index(j++);
                Expression(expression, at, errors);
                string key = expression.String("key") ?? "";
                if (keys.ContainsKey(key))
                {
                    errors.Duplicate(at.Child("key"), key);
                }

                keys[key] = new JsonList((expression.List("values")?.Strings() ?? []).Distinct().Order(StringComparer.Ordinal));
            }

            var selected = new JsonMap(keys.Count);
            foreach ((string key, JsonList values) in keys)
            {
                selected.Append(key, values);
            }

            foreach (JsonMap _ in before.Where(b => JsonValue.DeepEquals(b, selected)))
            {
                errors.Duplicate(path.Child("matchLabelExpressions"), "");
            }

            before.Add(selected);
        }
    }

    private static void Expression(JsonMap expression, FieldPath path, FieldErrors errors)
    {
        List<string> values = [.. expression.List("values")?.Strings() ?? []];
        if (values.Count == 0)
        {
            errors.Required(path.Child("values"));
        }

        for (int i = 0; i < values.Count; i++)
        {
            if (values.IndexOf(values[i]) < i)
            {
                errors.Duplicate(path.Child("values").Index(i), values[i]);
            }
        }

        FieldRules.QualifiedName(expression.String("key"), path.Child("key"), errors);
    }
}
