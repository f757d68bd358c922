namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>What tells the entries of <c>metadata.managedFields</c> apart.</summary>
/// <param name="Manager">The manager's name.</param>
/// <param name="Applied">True for Apply, false for Update.</param>
/// <param name="ApiVersion">The version of an Update; empty for Apply, which has one entry for all versions.</param>
/// <param name="Subresource">The subresource through which it wrote; empty for none.</param>
public readonly record struct ManagerKey(string Manager, bool Applied, string ApiVersion, string Subresource)
{
    /// <summary>As a conflict names it.</summary>
    public override string ToString()
    {
        string name = Errors.FieldError.GoQuote(Manager);
        if (Subresource.Length > 0)
        {
            name += $" with subresource {Errors.FieldError.GoQuote(Subresource)}";
        }

        return Applied ? name : $"{name} using {ApiVersion}";
    }
}
