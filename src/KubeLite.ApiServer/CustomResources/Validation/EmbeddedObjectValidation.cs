using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// Validates what embedded resources need of apiVersion, kind and metadata (apiextensions' <c>schema/objectmeta</c> of v1.36).
/// </summary>
public static class EmbeddedObjectValidation
{
    /// <summary>Adds every fault of the embedded resources in a value.</summary>
    public static void Validate(object? value, Schema schema, FieldPath? path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonMap map:
                if (schema.EmbeddedResource)
                {
                    Embedded(map, path, errors);
                }

                foreach (var (name, member) in map)
                {
                    if (schema.Member(name) is { Custom: true } inner)
                    {
                        Validate(member, inner, schema.TryGetField(name, out _) ? path.Under(name) : path.At(name), errors);
                    }
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List && path is not null:
                for (int i = 0; i < list.Count; i++)
                {
                    Validate(list[i], schema.Element!, path.Index(i), errors);
                }

                break;
        }
    }

    private static void Embedded(JsonMap map, FieldPath? path, FieldErrors errors)
    {
        foreach (string name in (string[])["apiVersion", "kind"])
        {
            if (!map.TryGetValue(name, out object? value))
            {
                errors.Required(path.Under(name));
            }
            else if (value is not string text)
            {
                errors.Invalid(path.Under(name), value, "must be a string");
            }
            else if (text.Length == 0)
            {
                errors.Invalid(path.Under(name), text, "must not be empty");
            }
            else if (name == "apiVersion" && text.Count(c => c == '/') > 1)
            {
                errors.Invalid(path.Under(name), text, $"unexpected GroupVersion string: {text}");
            }
            else if (name == "kind" && NameRules.Dns1035Label(text.ToLowerInvariant()).ToList() is { Count: > 0 } faults)
            {
                errors.Invalid(path.Under(name), text, "may have mixed case, but should otherwise match: " + string.Join(",", faults));
            }
        }

        if (map.Map("metadata") is { } metadata)
        {
            JsonMap checkedCopy = metadata.DeepCopy();
            checkedCopy.SetDefault("name", "fakename");
            // Whether the resource lives in a namespace isn't known here.
            bool namespaced = checkedCopy.String("namespace") is { Length: > 0 };
            MetadataValidation.Validate(checkedCopy, namespaced, NameRules.Segment, path.Under("metadata"), errors);
        }
    }
}
