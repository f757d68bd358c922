namespace KubeLite.ApiMachinery.Facts;

/// <summary>A column of a resource's Table.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Format">A hint such as <c>name</c>; mostly empty.</param>
/// <param name="Priority">0 for columns that are always shown, 1 for those of the wide form.</param>
/// <param name="Description">What the column shows.</param>
public sealed record TableColumn(string Name, string Type, string Format, int Priority, string Description = "");
