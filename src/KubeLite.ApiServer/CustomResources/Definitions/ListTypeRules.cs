using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>Validates x-kubernetes-list-type, -list-map-keys, -map-type and -preserve-unknown-fields of a schema.</summary>
public static class ListTypeRules
{
    private const string ListType = "x-kubernetes-list-type";
    private const string MapType = "x-kubernetes-map-type";
    private const string Keys = "x-kubernetes-list-map-keys";

    /// <summary>Adds every fault of a schema, not of those below it.</summary>
    public static void Validate(JsonMap schema, FieldPath path, FieldErrors errors)
    {
        string type = schema.String("type") ?? "";
        if (schema["x-kubernetes-preserve-unknown-fields"] is false)
        {
            errors.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
        }

        if (schema.String(MapType) is { } mapType)
        {
            OfType(type, "object", MapType, path, errors);
            if (mapType is not ("atomic" or "granular"))
            {
                errors.NotSupported(path.Child(MapType), mapType, "atomic", "granular");
            }
        }

        string? listType = schema.String(ListType);
        JsonMap? items = schema.Map("items");
        if (listType is not null && type != "array")
        {
            OfType(type, "array", ListType, path, errors);
        }
        else if (listType == "set" && items is not null)
        {
            string? inner = items.String(items.String("type") == "array" ? ListType : MapType);
            if ((items.String("type") == "array" && inner is not (null or "atomic"))
                || (items.String("type") == "object" && inner != "atomic"))
            {
                errors.Invalid(
                    path.Child("items").Child(items.String("type") == "array" ? ListType : MapType),
                    items.String(ListType), "must be atomic as item of a list with x-kubernetes-list-type=set");
            }
        }

        if (listType is not (null or "atomic" or "set" or "map"))
        {
            errors.NotSupported(path.Child(ListType), listType, "atomic", "set", "map");
        }

        JsonList? keys = schema.List(Keys);
        if (keys is { Count: > 0 } && listType != "map")
        {
            if (listType is null)
            {
                errors.Required(path.Child(ListType), "must be map if x-kubernetes-list-map-keys is non-empty");
            }
            else
            {
                errors.Invalid(path.Child(ListType), listType, "must be map if x-kubernetes-list-map-keys is non-empty");
            }
        }

        if (listType == "map")
        {
            Map(schema, items, keys, path, errors);
        }

        if (listType is "set" or "map" && items is not null)
        {
            Keyed(listType, items, keys, path.Child("items"), errors);
        }
    }

    private static void OfType(string type, string wanted, string keyword, FieldPath path, FieldErrors errors)
    {
        if (type.Length == 0)
        {
            errors.Required(path.Child("type"), $"must be {wanted} if {keyword} is specified");
        }
        else if (type != wanted)
        {
            errors.Invalid(path.Child("type"), type, $"must be {wanted} if {keyword} is specified");
        }
    }

    private static void Map(JsonMap schema, JsonMap? items, JsonList? keys, FieldPath path, FieldErrors errors)
    {
        if (keys is not { Count: > 0 })
        {
            errors.Required(path.Child(Keys), "must not be empty if x-kubernetes-list-type is map");
        }

        if (schema["items"] is null)
        {
            errors.Required(path.Child("items"), "must have a schema if x-kubernetes-list-type is map");
        }

        if (items is null)
        {
            return;
        }

        string type = items.String("type") ?? "";
        if (type != "object")
        {
            errors.Invalid(path.Child("items").Child("type"), type, "must be object if parent array's x-kubernetes-list-type is map");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string key in keys?.Strings() ?? [])
        {
            if (items.Map("properties")?.Map(key) is not { } property)
            {
                errors.Invalid(path.Child(Keys), keys, "entries must all be names of item properties");
            }
            else if (property.String("type") is "array" or "object")
            {
                errors.Invalid(
                    path.Child("items").Child("properties").Key(key).Child("type"), type,
                    "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }

            if (!seen.Add(key))
            {
                errors.Invalid(path.Child(Keys), keys, "must not contain duplicate entries");
            }
        }
    }

    private static void Keyed(string listType, JsonMap items, JsonList? keys, FieldPath path, FieldErrors errors)
    {
        if (items.Flag("nullable"))
        {
            errors.Forbidden(path.Child("nullable"), "cannot be nullable when x-kubernetes-list-type is " + listType);
        }

        if (listType != "map")
        {
            return;
        }

        foreach (string key in keys?.Strings() ?? [])
        {
            if (items.Map("properties")?.Map(key) is not { } property)
            {
                continue;
            }

            FieldPath at = path.Child("properties").Key(key);
            if (items.List("required")?.Contains(key) != true && property["default"] is null)
            {
                errors.Required(
                    at.Child("default"),
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (property.Flag("nullable"))
            {
                errors.Forbidden(at.Child("nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }
    }
}
