using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates counters: those a slice shares, and what of them a device takes.</summary>
internal static class SliceCounters
{
    /// <summary>Adds the faults of one set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="nameField">The field with the set's name.</param>
    /// <param name="max">How many counters it may have.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(JsonMap set, string nameField, int max, FieldPath path, FieldErrors errors)
    {
        if (set.String(nameField) is { Length: > 0 } name)
        {
            FieldRules.Label(name, path.Child(nameField), errors);
        }
        else
        {
            errors.Required(path.Child(nameField));
        }

        JsonMap? counters = set.Map("counters");
        path = path.Child("counters");
        if (counters is not { Count: > 0 })
        {
            errors.Required(path);
        }
        else if (counters.Count > max)
        {
            errors.TooMany(path, counters.Count, max);
        }
        else
        {
            foreach (var (counter, _) in counters)
            {
                FieldRules.Label(counter, path, errors);
            }
        }
    }
}
