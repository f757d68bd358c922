using System.CommandLine;
using KubeLite.Benchmarks;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Targets;
using Spectre.Console;

var defaults = new BenchmarkOptions();
var server = new Option<Uri?>("--server") { Description = "URL of the API server, any Kubernetes', that is measured." };
var token = new Option<string>("--token") { Description = "Bearer token of an administrator of that server.", DefaultValueFactory = _ => "" };
var insecure = new Option<bool>("--insecure") { Description = "Take any certificate of that server." };
var start = new Option<string?>("--start") { Description = "Start servers of this checkout on an empty store, and measure them." };
start.AcceptOnlyFromAmong("memory", "sqlite", "etcd");
var programs = new Option<DirectoryInfo?>("--programs") { Description = "Folder of the programs that --start starts, as deploy/kubelite.sh publishes them; by default this build's." };
var pods = new Option<int>("--pods") { Description = "Pods that are created, listed, scheduled.", DefaultValueFactory = _ => defaults.Pods };
var requests = new Option<int>("--requests") { Description = "Single reads and patches, each.", DefaultValueFactory = _ => defaults.Requests };
var nodes = new Option<int>("--nodes") { Description = "Nodes that Pods are scheduled on.", DefaultValueFactory = _ => defaults.Nodes };
var warmUp = new Option<int>("--warm-up") { Description = "Pods that come and go before anything is measured; 0 shows a server that has just begun.", DefaultValueFactory = _ => defaults.WarmUp };
var limit = new Option<int>("--limit") { Description = "Seconds that each measure may last.", DefaultValueFactory = _ => (int)defaults.Limit.TotalSeconds };
var json = new Option<FileInfo?>("--json") { Description = "File for the figures as JSON." };
var root = new RootCommand("Measures a Kubernetes API server, and yardsticks beside it.") { server, token, insecure, start, programs, pods, requests, nodes, warmUp, limit, json };

root.SetAction(async (parsed, _) =>
{
    string? datastore = parsed.GetValue(start);
    if ((datastore is null) == (parsed.GetValue(server) is null))
    {
        Console.Error.WriteLine("give either --server URL or --start memory|sqlite|etcd");
        return 2;
    }

    var options = new BenchmarkOptions
    {
        Pods = parsed.GetValue(pods),
        Requests = parsed.GetValue(requests),
        Nodes = parsed.GetValue(nodes),
        WarmUp = parsed.GetValue(warmUp),
        Limit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
    };
    await using OwnServer? own = datastore is null ? null : await OwnServer.StartAsync(datastore, parsed.GetValue(programs)?.FullName);
    using ServerClient? other = own is null ? new ServerClient(parsed.GetValue(server)!, parsed.GetValue(token)!, parsed.GetValue(insecure)) : null;
    var report = new Report(own is null ? parsed.GetValue(server)!.ToString() : $"KubeLite on {datastore}");
    await new BenchmarkRun(own?.Client ?? other!, own, options, report).RunAsync();
    report.Print(AnsiConsole.Console);
    if (parsed.GetValue(json) is { } file)
    {
        report.Save(file.FullName);
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
return await root.Parse(args).InvokeAsync();
