namespace KubeLite.ApiMachinery.Errors;

/// <summary>Collects every field error of an object; validation never throws and never stops at the first.</summary>
public sealed class FieldErrors : List<FieldError>
{
    /// <summary>Adds <see cref="FieldError.Required"/>.</summary>
    public void Required(FieldPath? path, string detail = "") => Add(FieldError.Required(path, detail));

    /// <summary>Adds <see cref="FieldError.Invalid"/>.</summary>
    public void Invalid(FieldPath? path, object? value, string detail) => Add(FieldError.Invalid(path, value, detail));

    /// <summary>Adds <see cref="FieldError.Duplicate"/>.</summary>
    public void Duplicate(FieldPath? path, object? value, string detail = "") => Add(FieldError.Duplicate(path, value, detail));

    /// <summary>Adds <see cref="FieldError.Forbidden"/>.</summary>
    public void Forbidden(FieldPath? path, string detail) => Add(FieldError.Forbidden(path, detail));

    /// <summary>Adds <see cref="FieldError.NotSupported"/>.</summary>
    public void NotSupported(FieldPath? path, object? value, params IEnumerable<string> supported) =>
        Add(FieldError.NotSupported(path, value, supported));

    /// <summary>Adds <see cref="FieldError.NotFound"/>.</summary>
    public void NotFound(FieldPath? path, object? value, string detail = "") => Add(FieldError.NotFound(path, value, detail));

    /// <summary>Adds <see cref="FieldError.TooLong"/>.</summary>
    public void TooLong(FieldPath? path, int max) => Add(FieldError.TooLong(path, max));

    /// <summary>Adds <see cref="FieldError.TooMany"/>.</summary>
    public void TooMany(FieldPath? path, int actual, int max) => Add(FieldError.TooMany(path, actual, max));

    /// <summary>All errors as one text: one alone, several in brackets, each once.</summary>
    public override string ToString()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<string> texts = [.. this.Select(e => e.ToString()).Where(seen.Add)];
        return texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
    }
}
