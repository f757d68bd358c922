using KubeLite.Hosting;
using KubeLite.Storage;
using KubeLite.Storage.Embedded.Memory;
using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Etcd;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer;

/// <summary>Opens the store that the options name.</summary>
public static class Datastore
{
    /// <summary>Opens the store.</summary>
    /// <exception cref="StartupException">It can't be opened; the line says what to do.</exception>
    public static async Task<IKeyValueStore> OpenAsync(
        ApiServerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return options.Datastore switch
            {
                "memory" => new MemoryStore(new MemoryStoreOptions(), time),
                "sqlite" => await SqliteStore.OpenAsync(
                    new SqliteStoreOptions { Path = options.SqliteFile }, time, loggers.CreateLogger<SqliteStore>(), cancellationToken),
                "etcd" => await EtcdStore.ConnectAsync(new EtcdStoreOptions
                {
                    Endpoints = options.EtcdServers,
                    Prefix = options.EtcdPrefix,
                    CaFile = NullIfEmpty(options.EtcdCaFile),
                    CertFile = NullIfEmpty(options.EtcdCertificateFile),
                    KeyFile = NullIfEmpty(options.EtcdKeyFile),
                }, time, loggers.CreateLogger<EtcdStore>(), cancellationToken),
                _ => throw new StartupException($"--datastore {options.Datastore} is not one of memory, sqlite, etcd"),
            };
        }
        catch (StoreException e)
        {
            throw new StartupException(e.Message, e);
        }
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
