using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// The Table of a custom resource: its name and what additionalPrinterColumns ask for, or its age (apiextensions' <c>tableconvertor</c>).
/// </summary>
public sealed class PrinterColumns
{
    private const string NameText =
        "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    /// <summary>What is said of the time of creation.</summary>
    internal const string AgeText =
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private readonly List<(string Type, JsonPath Path)> _paths = [];
    private readonly List<TableColumn> _columns = [new("Name", "string", "name", 0, NameText)];

    /// <summary>The columns that a version of a definition asks for.</summary>
    public PrinterColumns(JsonList? columns)
    {
        if (columns is not { Count: > 0 })
        {
            Add(new TableColumn("Age", "date", "", 0, AgeText), JsonPath.Parse(".metadata.creationTimestamp")!);
            return;
        }

        foreach (JsonMap column in columns.Maps())
        {
            string path = column.String("jsonPath") ?? "", type = column.String("type") ?? "string";
            string text = column.String("description") is { Length: > 0 } own
                ? own
                : $"Custom resource definition column (in JSONPath format): {path}";
            if (JsonPath.Parse(path) is not { } parsed)
            {
                // Kubernetes shows the columns before the one that it can't read.
                break;
            }

            int priority = (int)(column.Integer("priority") ?? 0);
            Add(new TableColumn(column.String("name") ?? "", type, column.String("format") ?? "", priority, text), parsed);
        }
    }

    /// <summary>The headings.</summary>
    public IReadOnlyList<TableColumn> Columns => _columns;

    /// <summary>The cells of an object's row.</summary>
    public JsonList Cells(JsonMap obj)
    {
        var cells = new JsonList(_columns.Count) { obj.Map("metadata")?.String("name") };
        foreach ((string type, JsonPath path) in _paths)
        {
            List<object?> found = path.Find(obj);
            cells.Add(found.Count == 0 ? null : Cell(type, found[0]));
        }

        return cells;
    }

    private void Add(TableColumn column, JsonPath path)
    {
        _columns.Add(column);
        _paths.Add((column.Type, path));
    }

    private static object? Cell(string type, object? value) => (type, value) switch
    {
        ("string", null) => "<no value>",
        ("string", JsonMap or JsonList) => FieldError.Show(value),
        ("string", _) => GoText.Of(value),
        ("integer", long) => value,
        ("integer", double number) => (long)number,
        ("number", long number) => (double)number,
        ("number", double) => value,
        ("boolean", bool) => value,
        ("date", "" or "null") => TableText.Age(null),
        ("date", string text) => ApiTime.TryParse(text, out _) ? TableText.Age(text) : "<invalid>",
        _ => null,
    };
}
