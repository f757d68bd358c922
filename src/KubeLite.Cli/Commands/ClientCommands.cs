using System.CommandLine;
using KubeLite.Cli.Client;
using KubeLite.Cli.Up;

namespace KubeLite.Cli.Commands;

/// <summary>The commands over the API: get, describe, apply, delete and logs.</summary>
internal sealed class ClientCommands
{
    private readonly Option<string> _kubeconfig = new("--kubeconfig")
    {
        Description = "Kubeconfig file; by default $KUBECONFIG, then the cluster of the data folder.",
        Recursive = true,
    };
    private readonly Option<string> _namespace = new("--namespace", "-n")
    {
        Description = "Namespace.",
        DefaultValueFactory = _ => "default",
        Recursive = true,
    };
    private readonly Option<string> _dataFolder;

    private ClientCommands(Option<string> dataFolder) => _dataFolder = dataFolder;

    /// <summary>Adds the commands.</summary>
    /// <param name="root">Where to.</param>
    /// <param name="dataFolder">The option that names the data folder, for its admin kubeconfig.</param>
    public static void Add(RootCommand root, Option<string> dataFolder)
    {
        var commands = new ClientCommands(dataFolder);
        root.Add(commands.Get());
        root.Add(commands.Describe());
        root.Add(commands.Apply());
        root.Add(commands.Delete());
        root.Add(commands.Logs());
    }

    private Command Get()
    {
        var resource = new Argument<string>("resource") { Description = "Resources, as pods or deployments,services; all; or TYPE/NAME." };
        var names = new Argument<string[]>("names") { Description = "Objects; all when left out.", Arity = ArgumentArity.ZeroOrMore };
        var format = new Option<string>("--output", "-o") { Description = "wide, yaml, json or name.", DefaultValueFactory = _ => "" };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "Look in every namespace." };
        var selector = new Option<string>("--selector", "-l") { Description = "Label selector.", DefaultValueFactory = _ => "" };
        return Make("get", "Show objects.", [resource, names], [format, all, selector], (flags, context, token) => GetCommand.RunAsync(
            context, flags.GetValue(resource)!, flags.GetValue(names)!, flags.GetValue(format)!, flags.GetValue(all),
            flags.GetValue(selector)!, token));
    }

    private Command Describe()
    {
        var resource = new Argument<string>("resource") { Description = "A resource, or TYPE/NAME." };
        var names = new Argument<string[]>("names") { Description = "Objects; all when left out.", Arity = ArgumentArity.ZeroOrMore };
        return Make("describe", "Show objects in detail, with their events.", [resource, names], [], (flags, context, token) =>
            DescribeCommand.RunAsync(context, flags.GetValue(resource)!, flags.GetValue(names)!, token));
    }

    private Command Apply()
    {
        var files = Files();
        files.Required = true;
        var force = new Option<bool>("--force-conflicts") { Description = "Take over fields that others manage." };
        const string what = "Make the cluster hold what manifests say, by server-side apply.";
        return Make("apply", what, [], [files, force], (flags, context, token) =>
            ApplyCommand.RunAsync(context, flags.GetValue(files)!, flags.GetValue(force), token));
    }

    private Command Delete()
    {
        var resource = new Argument<string>("resource")
        {
            Description = "A resource, or TYPE/NAME.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "",
        };
        var names = new Argument<string[]>("names") { Description = "Objects.", Arity = ArgumentArity.ZeroOrMore };
        var files = Files();
        return Make("delete", "Delete objects.", [resource, names], [files], (flags, context, token) =>
            DeleteCommand.RunAsync(context, flags.GetValue(resource)!, flags.GetValue(names)!, flags.GetValue(files) ?? [], token));
    }

    private Command Logs()
    {
        var pod = new Argument<string>("pod") { Description = "The Pod." };
        var container = new Option<string>("--container", "-c") { Description = "The container.", DefaultValueFactory = _ => "" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the container ends." };
        var previous = new Option<bool>("--previous", "-p") { Description = "The run before the last restart." };
        var tail = new Option<int>("--tail") { Description = "The last lines only.", DefaultValueFactory = _ => -1 };
        return Make("logs", "Show a container's log.", [pod], [container, follow, previous, tail], (flags, context, token) =>
            LogsCommand.RunAsync(
                context, flags.GetValue(pod)!, flags.GetValue(container)!, flags.GetValue(follow), flags.GetValue(tail),
                flags.GetValue(previous), token));
    }

    private static Option<string[]> Files() => new("--filename", "-f")
    {
        Description = "Manifest files or folders; - for standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private Command Make(
        string name,
        string description,
        IReadOnlyList<Argument> arguments,
        IReadOnlyList<Option> options,
        Func<ParseResult, CommandContext, CancellationToken, Task> run)
    {
        var command = new Command(name, description) { _kubeconfig, _namespace };
        foreach (var argument in arguments)
        {
            command.Add(argument);
        }

        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction(async (flags, token) =>
        {
            using var client = await CliClient.ConnectAsync(
                flags.GetValue(_kubeconfig), flags.GetValue(_dataFolder) ?? DataFolder.Default, token);
            var types = await ResourceTypes.LoadAsync(client, token);
            await run(flags, new CommandContext(client, types, flags.GetValue(_namespace)!, Console.Out), token);
            return 0;
        });
        return command;
    }
}
