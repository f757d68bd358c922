using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// What a schema says of a value: its faults, of which equal texts count once, and how many checks were passed, by which the
/// option that comes nearest is found (kube-openapi's <c>validate.Result</c>).
/// </summary>
internal sealed class SchemaResult
{
    private Dictionary<string, FieldError>? _errors;

    /// <summary>The faults, in order.</summary>
    public IEnumerable<FieldError> Errors => _errors?.Values ?? Enumerable.Empty<FieldError>();

    /// <summary>How many checks were passed, as kube-openapi counts them.</summary>
    public int Matches { get; private set; }

    /// <summary>True where there is no fault.</summary>
    public bool IsValid => _errors is null;

    /// <summary>Adds a fault, once for each text.</summary>
    /// <param name="text">What kube-openapi says of it.</param>
    /// <param name="error">What clients see.</param>
    public void Add(string text, FieldError error) => (_errors ??= new(StringComparer.Ordinal)).TryAdd(text, error);

    /// <summary>Counts checks.</summary>
    public void Count(int checks = 1) => Matches += checks;

    /// <summary>Takes over what another says.</summary>
    public void Merge(SchemaResult other)
    {
        Matches += other.Matches;
        foreach (var (text, error) in other._errors ?? [])
        {
            Add(text, error);
        }
    }

    /// <summary>Forgets the faults; the checks still count.</summary>
    public void Forgive() => _errors = null;
}
