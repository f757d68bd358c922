using System.Text.Json.Nodes;

namespace KubeLite.Cli.Client;

/// <summary>Prints a server-side table the way kubectl does: upper-case headings, three spaces between columns.</summary>
internal static class TablePrinter
{
    /// <summary>Prints a table; columns of a lower priority only when they are asked for.</summary>
    /// <param name="table">The server's <c>meta.k8s.io/v1</c> Table.</param>
    /// <param name="wide">Whether to print every column.</param>
    /// <param name="withNamespace">Whether to begin with the namespace.</param>
    /// <param name="prefix">What to put before each name; empty for nothing.</param>
    /// <param name="output">Where to print.</param>
    public static void Print(JsonObject table, bool wide, bool withNamespace, string prefix, TextWriter output)
    {
        var columns = new List<int>();
        var header = new List<string>();
        if (withNamespace)
        {
            header.Add("NAMESPACE");
        }

        var definitions = table["columnDefinitions"] as JsonArray ?? [];
        for (var i = 0; i < definitions.Count; i++)
        {
            if (wide || (int?)definitions[i]!["priority"] is null or 0)
            {
                columns.Add(i);
                header.Add(((string?)definitions[i]!["name"] ?? "").ToUpperInvariant());
            }
        }

        var rows = new List<List<string>> { header };
        foreach (var row in table["rows"] as JsonArray ?? [])
        {
            rows.Add(Cells((JsonObject)row!, columns, withNamespace, prefix));
        }

        Print(rows, output);
    }

    private static List<string> Cells(JsonObject row, List<int> columns, bool withNamespace, string prefix)
    {
        var cells = new List<string>();
        if (withNamespace)
        {
            cells.Add((string?)row["object"]?["metadata"]?["namespace"] ?? "");
        }

        for (var i = 0; i < columns.Count; i++)
        {
            var all = row["cells"] as JsonArray ?? [];
            var cell = columns[i] < all.Count ? all[columns[i]] : null;
            var text = cell is null
                ? "<none>"
                : cell is JsonValue value && value.TryGetValue<string>(out var plain) ? plain
                : cell.ToJsonString();
            cells.Add((i == 0 ? prefix : "") + text);
        }

        return cells;
    }

    private static void Print(List<List<string>> rows, TextWriter output)
    {
        var widths = new int[rows[0].Count];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++)
            {
                output.Write(i == row.Count - 1 ? row[i] : row[i].PadRight(widths[i] + 3));
            }

            output.WriteLine();
        }
    }
}
