using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates what may be asked of a device's capacity that several claims share.</summary>
internal static class RequestPolicyValidation
{
    private const int MaxValues = 10;

    /// <summary>Adds the faults of one policy.</summary>
    /// <param name="capacity">All of the capacity there is; a quantity.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(string? capacity, JsonMap policy, FieldPath path, FieldErrors errors)
    {
        JsonList values = policy.List("validValues") ?? [];
        JsonMap? range = policy.Map("validRange");
        if (values.Count > 0 && range is not null)
        {
            errors.Forbidden(
                path, "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time");
            return;
        }

        string kind = values.Count > 0 ? "validValues" : "validRange";
        if (values.Count == 0 && range is null)
        {
            return;
        }

        if (Parsed(policy.String("default")) is not { } standard)
        {
            errors.Required(path.Child("default"), $"required when {kind} is defined");
            return;
        }

        Quantity all = Parsed(capacity) ?? default;
        if (values.Count > 0)
        {
            Values([.. values.Strings().Select(Quantity.Parse)], standard, all, path.Child(kind), errors);
        }
        else
        {
            Range(range!, standard, all, path.Child(kind), errors);
        }
    }

    private static void Values(List<Quantity> values, Quantity standard, Quantity all, FieldPath path, FieldErrors errors)
    {
        for (int i = 1; i < values.Count; i++)
        {
            if (values[i - 1].CompareTo(values[i]) > 0)
            {
                errors.Invalid(path.Index(i), values[i].ToString(), "values must be sorted in ascending order");
            }
        }

        if (values.Count > MaxValues)
        {
            errors.TooMany(path, values.Count, MaxValues);
        }
        else
        {
            for (int i = 0; i < values.Count; i++)
            {
                if (values[i].CompareTo(all) > 0)
                {
                    errors.Invalid(path.Index(i), values[i].ToString(), $"option is larger than capacity value: {all}");
                }
            }

            for (int i = 0; i < values.Count; i++)
            {
                if (values.FindIndex(v => v.CompareTo(values[i]) == 0) < i)
                {
                    errors.Duplicate(path.Index(i), values[i].ToString());
                }
            }
        }

        if (values.Count > MaxValues || values.TrueForAll(v => v.CompareTo(standard) != 0))
        {
            errors.Invalid(path, standard.ToString(), "default value is not valid according to the requestPolicy");
        }
    }

    private static void Range(JsonMap range, Quantity standard, Quantity all, FieldPath path, FieldErrors errors)
    {
        if (Parsed(range.String("min")) is not { } min)
        {
            errors.Required(path.Child("min"), "required when validRange is defined");
            return;
        }

        Unless(min.CompareTo(all) <= 0, "min", min, $"min is larger than capacity value: {all}");
        Unless(standard.CompareTo(min) >= 0, "default", standard, $"default is less than min: {min}");
        Quantity? max = Parsed(range.String("max")), step = Parsed(range.String("step"));
        if (max is { } most)
        {
            Unless(min.CompareTo(most) <= 0, "max", min, $"min is larger than max: {most}");
            Unless(most.CompareTo(all) <= 0, "max", most, $"max is larger than capacity value: {all}");
            Unless(standard.CompareTo(most) <= 0, "default", standard, $"default is more than max: {most}");
        }

        if (step is not { } by)
        {
            return;
        }

        if (by.Sign <= 0)
        {
            Unless(false, "step", by, "must be greater than zero");
            return;
        }

        Quantity next = min with { Nanos = min.Nanos + by.Nanos };
        Unless(next.CompareTo(all) <= 0, "step", by, $"one step {next} is larger than capacity value: {all}");
        foreach (Quantity value in max is { } last ? [standard, last] : (Quantity[])[standard])
        {
            Unless(
                (value.Nanos - min.Nanos) % by.Nanos == 0, "step", value, $"value is not a multiple of a given step ({by}) from ({min})");
        }

        void Unless(bool right, string name, Quantity value, string detail)
        {
            if (!right)
            {
                errors.Invalid(path.Child(name), value.ToString(), detail);
            }
        }
    }

    private static Quantity? Parsed(string? text) => Quantity.TryParse(text, out Quantity quantity, out _) ? quantity : null;
}
