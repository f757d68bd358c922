using System.CommandLine;
using KubeLite.Cli.Datastores;
using KubeLite.Cli.Up;
using KubeLite.Hosting;
using KubeLite.Storage;
using KubeLite.Storage.Etcd;
using KubeLite.Storage.Snapshots;

namespace KubeLite.Cli.Commands;

/// <summary>The commands for a cluster's data: snapshot save, status and restore, and datastore copy (docs/datastores.md).</summary>
internal sealed class DatastoreCommands
{
    // What a busy small cluster writes in a day.
    private const long DefaultGap = 100_000;

    private readonly Option<string> _dataFolder;
    private readonly Option<string> _sqlite = new("--sqlite-file")
    {
        Description = "Data file of SQLite; that of the data folder where nothing is named.",
        DefaultValueFactory = _ => "",
        Recursive = true,
    };
    private readonly Option<string> _etcd =
        new("--etcd-servers") { Description = "etcd endpoints, separated by commas.", DefaultValueFactory = _ => "", Recursive = true };
    private readonly Option<string> _ca =
        new("--etcd-cafile") { Description = "Authority of etcd's certificates (PEM).", DefaultValueFactory = _ => "", Recursive = true };
    private readonly Option<string> _certificate =
        new("--etcd-certfile") { Description = "Client certificate for etcd (PEM).", DefaultValueFactory = _ => "", Recursive = true };
    private readonly Option<string> _key = new("--etcd-keyfile")
    {
        Description = "Key of the client certificate for etcd (PEM).",
        DefaultValueFactory = _ => "",
        Recursive = true,
    };

    private readonly Option<string> _prefix = new("--etcd-prefix")
    {
        Description = "What all keys in etcd begin with.",
        DefaultValueFactory = _ => "/registry",
        Recursive = true,
    };

    private DatastoreCommands(Option<string> dataFolder) => _dataFolder = dataFolder;

    /// <summary>Adds the commands.</summary>
    public static void Add(RootCommand root, Option<string> dataFolder)
    {
        var commands = new DatastoreCommands(dataFolder);
        root.Add(commands.Snapshot());
        root.Add(commands.Datastore());
    }

    private Command Snapshot()
    {
        var file = new Argument<string>("file") { Description = "The snapshot file." };
        var save = new Command("save", "Save all objects to a file, while the cluster runs.") { file };
        Act(save, async (flags, token) =>
        {
            SnapshotSummary saved = await Place(flags).SaveAsync(flags.GetValue(file)!, TimeProvider.System, token);
            return $"Saved {Text(saved)} to {flags.GetValue(file)}.";
        });
        var status = new Command("status", "Check a snapshot file and say what it holds.") { file };
        Act(status, async (flags, token) =>
        {
            SnapshotSummary found = await SnapshotFile.VerifyAsync(flags.GetValue(file)!, token);
            return $"Sound: {Text(found)}, taken {found.Taken:yyyy-MM-dd'T'HH:mm:ss'Z'}.";
        });
        var gap = new Option<long>("--revision-gap")
        {
            Description = "How many revisions to leave out, for those that clients saw after the snapshot was taken.",
            DefaultValueFactory = _ => DefaultGap,
        };
        var restore = new Command("restore", "Fill an empty datastore from a snapshot file. Start the servers afterwards.") { file, gap };
        Act(restore, async (flags, token) =>
        {
            // All of it is checked before anything is written.
            SnapshotSummary found = await SnapshotFile.VerifyAsync(flags.GetValue(file)!, token);
            await using SnapshotContents contents = SnapshotContents.Open(flags.GetValue(file)!);
            StorePlace place = Place(flags);
            long revision = await place.FillAsync(contents, flags.GetValue(gap), TimeProvider.System, token);
            return $"Restored {Text(found)} to {place}, which is now at revision {revision}.";
        });
        var command = new Command("snapshot", "Save and restore all objects of a cluster.") { save, status, restore };
        AddPlace(command);
        return command;
    }

    private Command Datastore()
    {
        var from = new Option<string>("--from")
        {
            Description = "Where the objects are: the path of a data file, or etcd endpoints as http://host:2379.",
            Required = true,
        };
        var to =
            new Option<string>("--to") { Description = "Where they go: a path where no file is yet, or an empty etcd.", Required = true };
        var copy = new Command("copy", "Copy all objects from one datastore to another. The servers must be stopped.") { from, to };
        copy.Add(_ca);
        copy.Add(_certificate);
        copy.Add(_key);
        copy.Add(_prefix);
        Act(copy, async (flags, token) =>
        {
            StorePlace source = StorePlace.Parse(flags.GetValue(from)!, Tls(flags)), target = StorePlace.Parse(
                flags.GetValue(to)!, Tls(flags));
            await using IKeyValueStore store = await source.OpenUnusedAsync(TimeProvider.System, token);
            LiveContents contents = await LiveContents.OfAsync(store, token);
            long revision = await target.FillAsync(contents, 0, TimeProvider.System, token);
            (long count, string sha256) = await ContentDigest.OfAsync(contents, token);
            await VerifyAsync(target, count, sha256, token);
            return $"Copied {count} objects (sha256 {sha256}) from {source} to {target}, which is now at revision {revision}.";
        });
        return new Command("datastore", "Move a cluster's data.") { copy };
    }

    private static async Task VerifyAsync(StorePlace target, long count, string sha256, CancellationToken cancellationToken)
    {
        await using IKeyValueStore store = await target.OpenUnusedAsync(TimeProvider.System, cancellationToken);
        (long Count, string Sha256) found = await ContentDigest.OfAsync(
            await LiveContents.OfAsync(store, cancellationToken), cancellationToken);
        if (found != (count, sha256))
        {
            throw new StartupException($"{target} holds {found.Count} objects and the source {count}, or others: remove it and copy again");
        }
    }

    private void AddPlace(Command command)
    {
        foreach (Option<string> option in (Option<string>[])[_sqlite, _etcd, _ca, _certificate, _key, _prefix])
        {
            command.Add(option);
        }
    }

    private StorePlace Place(ParseResult flags) => flags.GetValue(_etcd) is { Length: > 0 } endpoints
        ? new StorePlace("", Tls(flags) with { Endpoints = endpoints.Split(',', StringSplitOptions.RemoveEmptyEntries) })
        : new StorePlace(
            flags.GetValue(_sqlite) is { Length: > 0 } file ? file : DataFolder.StoreFileOf(Path.GetFullPath(flags.GetValue(_dataFolder)!)),
            null);

    private EtcdStoreOptions Tls(ParseResult flags) => new()
    {
        Endpoints = [],
        CaFile = Set(flags.GetValue(_ca)),
        CertFile = Set(flags.GetValue(_certificate)),
        KeyFile = Set(flags.GetValue(_key)),
        Prefix = flags.GetValue(_prefix)!,
    };

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static string Text(SnapshotSummary summary) =>
        $"{summary.Count} objects at revision {summary.Revision} (sha256 {summary.Sha256})";

    private static void Act(Command command, Func<ParseResult, CancellationToken, Task<string>> act) =>
        command.SetAction(async (flags, token) =>
        {
            try
            {
                await Console.Out.WriteLineAsync(await act(flags, token));
                return 0;
            }
            catch (StoreException e)
            {
                throw new StartupException(e.Message, e);
            }
        });
}
