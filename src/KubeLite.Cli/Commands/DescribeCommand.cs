using System.Text.Json.Nodes;
using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary><c>kubelite describe</c>: an object as people read it, and its events.</summary>
internal static class DescribeCommand
{
    /// <summary>Prints the objects one after the other.</summary>
    public static async Task RunAsync(
        CommandContext context, string resource, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        foreach (var target in await ExpandAsync(context, Target.Parse(context.Types, resource, names), cancellationToken))
        {
            var found = await context.Client.GetAsync(target.Path(context.Namespace, false, ""), "application/json", cancellationToken);
            Print(context, found);
            await PrintEventsAsync(context, found, cancellationToken);
            await context.Output.WriteLineAsync();
        }
    }

    private static async Task<List<Target>> ExpandAsync(
        CommandContext context, List<Target> targets, CancellationToken cancellationToken)
    {
        var result = new List<Target>();
        foreach (var target in targets)
        {
            if (target.Name is not null)
            {
                result.Add(target);
                continue;
            }

            var list = await context.Client.GetAsync(target.Path(context.Namespace, false, ""), "application/json", cancellationToken);
            foreach (var item in list["items"] as JsonArray ?? [])
            {
                result.Add(target with { Name = (string?)item!["metadata"]?["name"] });
            }
        }

        return result;
    }

    private static void Print(CommandContext context, JsonObject item)
    {
        var metadata = item["metadata"] as JsonObject ?? [];
        Line("Name:", (string?)metadata["name"]);
        Line("Namespace:", (string?)metadata["namespace"]);
        Line("Kind:", (string?)item["kind"]);
        Line("Created:", (string?)metadata["creationTimestamp"]);
        Pairs("Labels:", metadata["labels"] as JsonObject);
        Pairs("Annotations:", metadata["annotations"] as JsonObject);
        foreach (var (name, value) in item)
        {
            if (name is "apiVersion" or "kind" or "metadata" || value is null)
            {
                continue;
            }

            context.Output.WriteLine(char.ToUpperInvariant(name[0]) + name[1..] + ":");
            foreach (var line in YamlText.Write(value).TrimEnd('\n').Split('\n'))
            {
                context.Output.WriteLine("  " + line);
            }
        }

        void Line(string title, string? text)
        {
            if (text is not null)
            {
                context.Output.WriteLine(title.PadRight(14) + text);
            }
        }

        void Pairs(string title, JsonObject? pairs)
        {
            var first = true;
            foreach (var (key, value) in pairs ?? [])
            {
                context.Output.WriteLine((first ? title : "").PadRight(14) + key + "=" + (string?)value);
                first = false;
            }

            if (first)
            {
                Line(title, "<none>");
            }
        }
    }

    private static async Task PrintEventsAsync(CommandContext context, JsonObject item, CancellationToken cancellationToken)
    {
        var uid = (string?)item["metadata"]?["uid"];
        var ns = (string?)item["metadata"]?["namespace"] ?? "default";
        var list = await context.Client.GetAsync(
            $"/api/v1/namespaces/{ns}/events?fieldSelector=" + Uri.EscapeDataString("involvedObject.uid="
                + uid), "application/json", cancellationToken);
        var events = list["items"] as JsonArray ?? [];
        await context.Output.WriteLineAsync(events.Count == 0 ? "Events:       <none>" : "Events:");
        foreach (var found in events)
        {
            var when = (string?)found!["lastTimestamp"] ?? (string?)found["eventTime"] ?? (string?)found["metadata"]?["creationTimestamp"];
            await context.Output.WriteLineAsync(
                $"  {when}  {((string?)found["type"] ?? "").PadRight(8)}" +
                    $"{((string?)found["reason"] ?? "").PadRight(20)} {(string?)found["message"]}");
        }
    }
}
