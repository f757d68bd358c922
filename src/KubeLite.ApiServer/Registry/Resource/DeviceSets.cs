using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates lists of bounded length. A list that is too long gets one fault, whatever stands in it.</summary>
internal static class DeviceSets
{
    /// <summary>Validates every item.</summary>
    /// <param name="items">The list; null is an empty one.</param>
    /// <param name="max">How many there may be; null sets no bound.</param>
    /// <param name="path">Where the list stands.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="validate">Validates one item at its path.</param>
    /// <returns>False if the list was too long.</returns>
    public static bool Each(JsonList? items, int? max, FieldPath path, FieldErrors errors, Action<JsonMap, FieldPath> validate)
    {
        if (items?.Count > max)
        {
            errors.TooMany(path, items.Count, max.Value);
            return false;
        }

        int i = 0;
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            validate(item, path.Index(i++));
        }

        return true;
    }

    /// <summary>Validates every text, and that none stands there twice.</summary>
    public static void Texts(JsonList? items, int max, FieldPath path, FieldErrors errors, Action<string, FieldPath> validate)
    {
        List<string> texts = [.. items?.Strings() ?? []];
        if (texts.Count > max)
        {
            errors.TooMany(path, texts.Count, max);
            return;
        }

        for (int i = 0; i < texts.Count; i++)
        {
            validate(texts[i], path.Index(i));
        }

        for (int i = 0; i < texts.Count; i++)
        {
            if (texts.IndexOf(texts[i]) < i)
            {
                errors.Duplicate(path.Index(i), texts[i]);
            }
        }
    }

    /// <summary>Validates every item, and that no two have one key.</summary>
    /// <param name="items">The list; null is an empty one.</param>
    /// <param name="max">How many there may be; null sets no bound.</param>
    /// <param name="path">Where the list stands.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="validate">Validates one item at its path.</param>
    /// <param name="key">The key of an item.</param>
    /// <param name="shown">What messages show for the key; null where they show it as it is.</param>
    public static void Set(
        JsonList? items, int? max, FieldPath path, FieldErrors errors,
        Action<JsonMap, FieldPath> validate, Func<JsonMap, string> key, Func<JsonMap, JsonMap>? shown = null)
    {
        if (!Each(items, max, path, errors, validate))
        {
            return;
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            if (!keys.Add(key(item)))
            {
                errors.Duplicate(at, shown is null ? key(item) : shown(item));
            }
        }
    }
}
