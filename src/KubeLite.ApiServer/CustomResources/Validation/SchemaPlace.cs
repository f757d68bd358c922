using System.Globalization;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>Where a value stands: as messages say it, from where its schema begins, and as the path of the field.</summary>
/// <param name="Above">Where the schema begins; null for the object itself.</param>
/// <param name="Path">The path from there; empty where it begins.</param>
internal readonly record struct SchemaPlace(FieldPath? Above, string Path)
{
    /// <summary>The field's path.</summary>
    public FieldPath Field
    {
        get
        {
            string path = Path.StartsWith('.') ? Path[1..] : Path;
            return path.Length == 0 ? Start : Above.Under(path);
        }
    }

    /// <summary>Where the schema begins, which is all that some messages name.</summary>
    public FieldPath Start => Above ?? FieldPath.Of("<nil>");

    /// <summary>A member that the schema names.</summary>
    public SchemaPlace Property(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}.{name}" };

    /// <summary>A member that the schema doesn't name or that is missing.</summary>
    public SchemaPlace Member(string name) => this with { Path = $"{Path}.{name}" };

    /// <summary>An item.</summary>
    public SchemaPlace Item(int index) => this with { Path = $"{Path}[{index.ToString(CultureInfo.InvariantCulture)}]" };
}
