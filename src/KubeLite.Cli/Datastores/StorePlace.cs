using KubeLite.Hosting;
using KubeLite.Storage;
using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Etcd;
using KubeLite.Storage.Snapshots;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeLite.Cli.Datastores;

/// <summary>Where a cluster's data is: a data file of SQLite, or an etcd.</summary>
/// <param name="File">The data file; empty for etcd.</param>
/// <param name="Etcd">The etcd; null for a data file.</param>
public sealed record StorePlace(string File, EtcdStoreOptions? Etcd)
{
    /// <summary>Reads a place as it is named on the command line: URLs of etcd separated by commas, or the path of a data file.</summary>
    public static StorePlace Parse(string text, EtcdStoreOptions tls) =>
        text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal)
            ? new StorePlace("", tls with { Endpoints = text.Split(',', StringSplitOptions.RemoveEmptyEntries) })
            : new StorePlace(text.StartsWith("sqlite:", StringComparison.Ordinal) ? text["sqlite:".Length..] : text, null);

    /// <inheritdoc/>
    public override string ToString() => Etcd is null ? File : string.Join(',', Etcd.Endpoints);

    /// <summary>Saves a snapshot while the servers go on.</summary>
    /// <exception cref="StoreException">It can't be read or written.</exception>
    public async Task<SnapshotSummary> SaveAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Etcd is null)
        {
            await using SqliteContents file = await SqliteContents.OpenAsync(File, cancellationToken);
            return await SnapshotFile.SaveAsync(file, path, time, cancellationToken);
        }

        await using EtcdStore store = await ConnectAsync(time, cancellationToken);
        return await SnapshotFile.SaveAsync(await LiveContents.OfAsync(store, cancellationToken), path, time, cancellationToken);
    }

    /// <summary>Fills the place, which must be empty.</summary>
    /// <param name="contents">With what.</param>
    /// <param name="gap">How many revisions beyond that of the contents clients may have seen.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The revision afterwards.</returns>
    /// <exception cref="StoreException">It is not empty, or fails.</exception>
    public async Task<long> FillAsync(IStoreContents contents, long gap, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Etcd is null)
        {
            return await SqliteImport.CreateAsync(File, contents, contents.Revision + gap, time, cancellationToken);
        }

        await using EtcdStore store = await ConnectAsync(time, cancellationToken);
        return await StoreFilling.FillAsync(store, contents, contents.Revision + gap, cancellationToken);
    }

    /// <summary>Opens a place that no server uses, to move what it holds.</summary>
    /// <exception cref="StartupException">A server uses it.</exception>
    /// <exception cref="StoreException">It can't be opened.</exception>
    public async Task<IKeyValueStore> OpenUnusedAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (Etcd is null)
        {
            return System.IO.File.Exists(File)
                ? await SqliteStore.OpenAsync(
                    new SqliteStoreOptions { Path = File }, time, NullLogger<SqliteStore>.Instance, cancellationToken)
                : throw new StartupException($"there is no data file {File}: name the one of the cluster");
        }

        EtcdStore store = await ConnectAsync(time, cancellationToken);
        RangeResult alive = await store.RangeAsync(RangeQuery.ForPrefix(MovedKeys.AlivePrefix), cancellationToken);
        if (alive.Count > 0)
        {
            await store.DisposeAsync();
            throw new StartupException(
                $"the API server {alive.Items[0].Key[MovedKeys.AlivePrefix.Length..]} uses this etcd: stop it, and come again 15 s later");
        }

        return store;
    }

    private Task<EtcdStore> ConnectAsync(TimeProvider time, CancellationToken cancellationToken) =>
        EtcdStore.ConnectAsync(Etcd!, time, NullLogger<EtcdStore>.Instance, cancellationToken);
}
