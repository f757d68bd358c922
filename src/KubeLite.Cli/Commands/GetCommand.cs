using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary><c>kubelite get</c>.</summary>
internal static class GetCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Prints one object or the objects of one or more resources.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="resources">Names of resources, separated by commas; <c>all</c> for the usual ones; or TYPE/NAME.</param>
    /// <param name="names">The objects; none for all.</param>
    /// <param name="format">wide, yaml, json or name; empty for a table.</param>
    /// <param name="allNamespaces">Whether to look in every namespace.</param>
    /// <param name="selector">A label selector; empty for all.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public static async Task RunAsync(
        CommandContext context,
        string resources,
        IReadOnlyList<string> names,
        string format,
        bool allNamespaces,
        string selector,
        CancellationToken cancellationToken)
    {
        var targets = Target.Parse(context.Types, resources, names);
        if (format is "yaml" or "json")
        {
            await PrintObjectsAsync(context, targets, format, allNamespaces, selector, cancellationToken);
            return;
        }

        var printed = 0;
        foreach (var target in targets)
        {
            var path = target.Path(context.Namespace, allNamespaces, selector);
            var table = await context.Client.GetAsync(path, CliClient.Table, cancellationToken);
            if (table["rows"] is not JsonArray { Count: > 0 } rows)
            {
                continue;
            }

            if (format == "name")
            {
                PrintNames(context, target, rows);
            }
            else
            {
                if (printed > 0)
                {
                    await context.Output.WriteLineAsync();
                }

                TablePrinter.Print(
                    table, format == "wide", allNamespaces && target.Type.Namespaced,
                    targets.Count > 1 ? target.Type.Display + "/" : "", context.Output);
            }

            printed += rows.Count;
        }

        if (printed == 0)
        {
            await Console.Error.WriteLineAsync(
                allNamespaces || !targets[0].Type.Namespaced
                    ? "No resources found"
                    : $"No resources found in {context.Namespace} namespace.");
        }
    }

    private static async Task PrintObjectsAsync(
        CommandContext context, List<Target> targets, string format, bool allNamespaces, string selector,
        CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        foreach (var target in targets)
        {
            var found = await context.Client.GetAsync(
                target.Path(context.Namespace, allNamespaces, selector), "application/json", cancellationToken);
            if (target.Name is not null)
            {
                items.Add((JsonNode)WithoutManagedFields(found));
                continue;
            }

            foreach (var item in found["items"] as JsonArray ?? [])
            {
                var copy = (JsonObject)item!.DeepClone();
                copy.Insert(0, "apiVersion", (string?)found["apiVersion"]);
                copy.Insert(1, "kind", target.Type.Kind);
                items.Add((JsonNode)WithoutManagedFields(copy));
            }
        }

        JsonNode result = targets.Count == 1 && targets[0].Name is not null
            ? items[0]!.DeepClone()
            : new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = items };
        await context.Output.WriteLineAsync(
            format == "json" ? result.ToJsonString(s_indented) : YamlText.Write(result).TrimEnd('\n'));
    }

    private static void PrintNames(CommandContext context, Target target, JsonArray rows)
    {
        foreach (var row in rows)
        {
            context.Output.WriteLine($"{target.Type.Display}/{(string?)row!["object"]?["metadata"]?["name"]}");
        }
    }

    private static JsonObject WithoutManagedFields(JsonObject item)
    {
        (item["metadata"] as JsonObject)?.Remove("managedFields");
        return item;
    }
}
