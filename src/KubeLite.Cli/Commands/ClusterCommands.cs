using System.CommandLine;
using System.Runtime.InteropServices;
using KubeLite.Cli.Up;
using KubeLite.Hosting;

namespace KubeLite.Cli.Commands;

/// <summary>The commands for a cluster on this machine: up, down and reset.</summary>
internal static class ClusterCommands
{
    /// <summary>Adds the commands; answers the option that names the data folder.</summary>
    public static Option<string> Add(RootCommand root)
    {
        var folder = new Option<string>("--data-dir")
        {
            Description = "Folder of the cluster.",
            DefaultValueFactory = _ => DataFolder.Default,
            Recursive = true,
        };
        root.Add(folder);
        root.Add(Up(folder));
        var down = new Command("down", "Stop the cluster that runs.");
        down.SetAction(async (flags, token) =>
        {
            await Console.Out.WriteLineAsync(await DownCommand.DownAsync(Folder(flags, folder), token));
            return 0;
        });
        root.Add(down);
        var reset = new Command("reset", "Remove a cluster that does not run, with everything in it.");
        reset.SetAction((flags, _) =>
        {
            Console.Out.WriteLine(DownCommand.Reset(Folder(flags, folder)));
            return Task.FromResult(0);
        });
        root.Add(reset);
        return folder;
    }

    private static Command Up(Option<string> folder)
    {
        var port = new Option<int>("--port") { Description = "Port of the API server.", DefaultValueFactory = _ => 6443 };
        var address =
            new Option<string>("--bind-address") { Description = "Address of the API server.", DefaultValueFactory = _ => "127.0.0.1" };
        var nodes = new Option<int>("--nodes") { Description = "Simulated nodes.", DefaultValueFactory = _ => 3 };
        var datastore = new Option<string>("--datastore") { Description = "sqlite, memory or etcd.", DefaultValueFactory = _ => "" };
        var etcd =
            new Option<string[]>("--etcd-servers") { Description = "etcd endpoints, separated by commas.", DefaultValueFactory = _ => [] };
        var authority =
            new Option<string>("--etcd-cafile") { Description = "Authority of etcd's certificates (PEM).", DefaultValueFactory = _ => "" };
        var certificate =
            new Option<string>("--etcd-certfile") { Description = "Client certificate for etcd (PEM).", DefaultValueFactory = _ => "" };
        var key = new Option<string>("--etcd-keyfile")
        {
            Description = "Key of the client certificate for etcd (PEM).",
            DefaultValueFactory = _ => "",
        };
        var processes = new Option<bool>("--processes") { Description = "Run each server as a process of its own." };
        var verbosity = new Option<int>("--v") { Description = "Verbosity of the logs, 0 to 9.", DefaultValueFactory = _ => 0 };
        var command = new Command("up", "Start a cluster and run it until Ctrl-C.")
        {
            port, address, nodes, datastore, etcd, authority, certificate, key, processes, verbosity,
        };
        command.SetAction(async (flags, token) =>
        {
            var servers = flags.GetValue(etcd)!.SelectMany(item => item.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList();
            var options = new UpOptions
            {
                DataFolder = Folder(flags, folder),
                Port = flags.GetValue(port),
                BindAddress = flags.GetValue(address)!,
                Nodes = flags.GetValue(nodes),
                Datastore = flags.GetValue(datastore) is { Length: > 0 } chosen ? chosen : servers.Count > 0 ? "etcd" : "sqlite",
                EtcdServers = servers,
                EtcdCaFile = flags.GetValue(authority)!,
                EtcdCertificateFile = flags.GetValue(certificate)!,
                EtcdKeyFile = flags.GetValue(key)!,
                Processes = flags.GetValue(processes),
                Verbosity = flags.GetValue(verbosity),
            };
            Validate(options);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return await new UpCommand(options, UpProgress.ForConsole(), TimeProvider.System).RunAsync(stop.Token);

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Cancel();
            }
        });
        return command;
    }

    private static string Folder(ParseResult flags, Option<string> folder) => Path.GetFullPath(flags.GetValue(folder)!);

    private static void Validate(UpOptions options)
    {
        if (options.Datastore is not ("sqlite" or "memory" or "etcd"))
        {
            throw new StartupException($"--datastore is \"{options.Datastore}\": set it to sqlite, memory or etcd");
        }

        if (options.Datastore == "etcd" && options.EtcdServers.Count == 0)
        {
            throw new StartupException(
                "--datastore=etcd needs to know where etcd is: add --etcd-servers, for example http://127.0.0.1:2379");
        }

        if (options.Nodes is < 0 or > 16_000)
        {
            throw new StartupException($"--nodes is {options.Nodes}: set it to a number from 0 to 16000");
        }

        if (options.Port is < 1 or > 65535)
        {
            throw new StartupException($"--port is {options.Port}: set it to a number from 1 to 65535");
        }
    }
}
