using System.CommandLine;
using KubeLite.Cli;
using KubeLite.Cli.Client;
using KubeLite.Cli.Commands;
using KubeLite.Hosting;

if (ServerPrograms.Find(Environment.GetCommandLineArgs()[0]) is { } server)
{
    return await server(args);
}

var root = new RootCommand("A Kubernetes cluster on this machine.");
Option<string> folder = ClusterCommands.Add(root);
DatastoreCommands.Add(root, folder);
ClientCommands.Add(root, folder);
try
{
    var parsed = root.Parse(args);
    if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
    {
        throw new CliException($"kubelite: {parsed.Errors[0].Message} See kubelite {string.Join(' ', args.Take(1))} --help.");
    }

    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (CliException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync("kubelite: " + e.Message.ReplaceLineEndings(" "));
    return 1;
}
catch (Exception e) when (e is not OutOfMemoryException)
{
    await Console.Error.WriteLineAsync($"kubelite: unexpected {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
    return 1;
}
