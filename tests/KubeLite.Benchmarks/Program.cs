using System.CommandLine;
using KubeLite.Benchmarks;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Plots;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Targets;
using Spectre.Console;

var defaults = new BenchmarkOptions();
var server = new Option<Uri?>("--server") { Description = "URL of the API server, any Kubernetes', that is measured." };
var token = new Option<string>("--token")
{
    Description = "Bearer token of an administrator of that server, whose certificate is not looked at.",
    DefaultValueFactory = _ => "",
};
var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "Kubeconfig of a running server that is measured." };
var start = new Option<string?>("--start") { Description = "Start servers of this checkout on an empty store, and measure them." };
start.AcceptOnlyFromAmong("memory", "sqlite", "etcd");
var programs = new Option<DirectoryInfo?>("--programs")
{
    Description = "Folder of the programs that --start starts, as deploy/kubelite.sh publishes them; by default this build's.",
};
var against = new Option<DirectoryInfo?>("--against")
{
    Description = "Folder of other programs, measured in turn with the first (A B A B) on the same kind of store.",
};
var againstRunning = new Option<FileInfo?>("--against-kubeconfig")
{
    Description = "Kubeconfig of another running server, measured in turn with the first.",
};
var rounds = new Option<int>("--rounds") { Description = "How often everything is measured.", DefaultValueFactory = _ => 1 };
var only =
    new Option<Part[]>("--only") { Description = "What is measured, rather than everything.", AllowMultipleArgumentsPerToken = true };
var pods =
    new Option<int>("--pods") { Description = "Pods that are created, listed, scheduled.", DefaultValueFactory = _ => defaults.Pods };
var requests =
    new Option<int>("--requests") { Description = "Single reads and patches, each.", DefaultValueFactory = _ => defaults.Requests };
var nodes = new Option<int>("--nodes") { Description = "Nodes that Pods are scheduled on.", DefaultValueFactory = _ => defaults.Nodes };
var warmUp = new Option<int>("--warm-up")
{
    Description = "Pods that come and go before anything is measured; 0 shows a server that has just begun.",
    DefaultValueFactory = _ => defaults.WarmUp,
};
var creators = new Option<int>("--creators")
{
    Description = "How many create at once what watchers wait for.",
    DefaultValueFactory = _ => defaults.Creators,
};
var scale = new Option<bool>("--scale")
{
    Description = "Measure a big cluster instead, which takes minutes: many Nodes' heartbeats, very many Pods held.",
};
var scaleNodes =
    new Option<int>("--scale-nodes") { Description = "Nodes of the big cluster.", DefaultValueFactory = _ => defaults.ScaleNodes };
var scalePods = new Option<int>("--scale-pods") { Description = "Pods of the big cluster.", DefaultValueFactory = _ => defaults.ScalePods };
var limit = new Option<int>("--limit")
{
    Description = "Seconds that each measure may last.",
    DefaultValueFactory = _ => (int)defaults.Limit.TotalSeconds,
};
var json = new Option<FileInfo?>("--json") { Description = "File for the figures as JSON." };
var root = new RootCommand("Measures Kubernetes API servers, and yardsticks beside them.")
{
    start, programs, server, token, kubeconfig, against, againstRunning, rounds, only, pods, requests, nodes, warmUp, creators,
    scale, scaleNodes,
    scalePods, limit, json,
};

root.SetAction(async (parsed, _) =>
{
    Target? first = parsed.GetValue(start) is { } datastore
        ? Target.Of(datastore, parsed.GetValue(programs)?.FullName ?? OwnPrograms.BuildFolder())
        : parsed.GetValue(kubeconfig) is { } file ? Target.Of(ServerAccess.Of(file))
        : parsed.GetValue(server) is { } url ? Target.Of(ServerAccess.Any(url, parsed.GetValue(token)!))
        : null;
    if (first is null)
    {
        Console.Error.WriteLine("give --start memory|sqlite|etcd, --kubeconfig FILE or --server URL");
        return 2;
    }

    if (parsed.GetValue(against) is not null && first.Datastore is not null)
    {
        first = first with { Name = first.Name + ", " + first.Programs };
    }

    Target? second = parsed.GetValue(against) is { } folder ? Target.Of(
        first.Datastore ?? "etcd", folder.FullName) with
    { Name = $"KubeLite on {first.Datastore ?? "etcd"}, {folder.FullName}" }
        : parsed.GetValue(againstRunning) is { } other ? Target.Of(ServerAccess.Of(other))
        : null;
    Part[] parts = parsed.GetValue(only) ?? [];
    var options = new BenchmarkOptions
    {
        Parts = parsed.GetValue(scale) ? [Part.Scale] : parts.Length > 0 ? parts : defaults.Parts,
        ScaleNodes = parsed.GetValue(scaleNodes),
        ScalePods = parsed.GetValue(scalePods),
        Pods = parsed.GetValue(pods),
        Requests = parsed.GetValue(requests),
        Nodes = parsed.GetValue(nodes),
        WarmUp = parsed.GetValue(warmUp),
        Creators = parsed.GetValue(creators),
        Limit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
    };
    (Target Target, ServerFigures Figures)[] servers =
        [.. new[] { first, second }.OfType<Target>().Select(t => (t, new ServerFigures(t.Name, t.Datastore, options.AsKubernetes)))];
    if (!options.Parts.All(p => p is Part.Up))
    {
        await OwnWarmUp.RunAsync(options);
    }

    for (int round = 0; round < parsed.GetValue(rounds); round++)
    {
        foreach ((Target target, ServerFigures figures) in servers)
        {
            await new BenchmarkRun(target, options, figures).RunAsync();
        }
    }

    ServerFigures[] all = [.. servers.Select(s => s.Figures)];
    ConsoleReport.Print(AnsiConsole.Console, all);
    if (parsed.GetValue(json) is { } saved)
    {
        JsonReport.Save(saved.FullName, all);
    }

    return 0;
});

var array = new Argument<string>("file");
var port = new Argument<int>("port");
var yardstick = new Command(Yardstick.Command, "Serves the yardstick; the program starts itself so.") { array, port };
yardstick.Hidden = true;
yardstick.SetAction(async (parsed, _) =>
{
    await Yardstick.ServeAsync(parsed.GetValue(array)!, parsed.GetValue(port));
    return 0;
});
root.Subcommands.Add(yardstick);

var svg = new Argument<FileInfo>("svg") { Description = "The picture to write." };
var reports = new Argument<FileInfo[]>("json")
{
    Description = "Files that --json wrote; each server in them becomes bars of one colour.",
    Arity = ArgumentArity.OneOrMore,
};
var plot = new Command("plot", "Draws how many times as good as Kubernetes each row is.") { svg, reports };
plot.SetAction(parsed =>
{
    var picture = new RatioPlot([.. parsed.GetValue(reports)!.SelectMany(file => PlotSeries.Read(file.FullName))]);
    File.WriteAllText(parsed.GetValue(svg)!.FullName, picture.ToSvg());
});
root.Subcommands.Add(plot);
return await root.Parse(args).InvokeAsync();
