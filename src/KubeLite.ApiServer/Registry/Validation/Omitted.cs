using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Errors that leave the wrong value out (<c>field.OmitValueType</c>).</summary>
public static class Omitted
{
    /// <summary>The value, which isn't shown, is wrong.</summary>
    public static FieldError Invalid(FieldPath path, string detail) =>
        new("FieldValueInvalid", path.ToString(), $"Invalid value: {detail}");
}
