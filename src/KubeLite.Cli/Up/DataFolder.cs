using System.Globalization;
using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary>
/// The folder in which a cluster lives: store, certificates, kubeconfigs, logs. One <c>kubelite up</c> at a time owns it, by a
/// lock that the operating system lets go of when the process ends, however it ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string Version = "1";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The default folder: <c>$XDG_DATA_HOME/kubelite</c>, or <c>~/.kubelite</c>.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
            ? System.IO.Path.Combine(home, "kubelite")
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kubelite");

    /// <summary>The file of the SQLite store.</summary>
    public string StoreFile => StoreFileOf(Path);

    /// <summary>The kubeconfig for the person who started the cluster.</summary>
    public string AdminKubeconfig => AdminKubeconfigOf(Path);

    /// <summary>The file of the SQLite store in a folder.</summary>
    public static string StoreFileOf(string folder) => System.IO.Path.Combine(folder, "kubelite.db");

    /// <summary>The admin's kubeconfig in a folder.</summary>
    public static string AdminKubeconfigOf(string folder) => System.IO.Path.Combine(folder, "admin.kubeconfig");

    /// <summary>Makes the folder when it is missing, and takes it.</summary>
    /// <exception cref="StartupException">It is in use, of another version, or cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            var held = Lock(path) ?? throw new StartupException(
                $"a cluster already runs from {path}{RunningAs(path)}: stop it with kubelite down, or choose another --data-dir");
            try
            {
                CheckVersion(path);
                System.IO.File.WriteAllText(
                    PidFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new DataFolder(path, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the data folder {path} cannot be used ({e.Message}): choose another with --data-dir", e);
        }
    }

    /// <summary>Whether a cluster runs from a folder.</summary>
    public static bool IsInUse(string path)
    {
        if (!Directory.Exists(path))
        {
            return false;
        }

        using var held = Lock(path);
        return held is null;
    }

    /// <summary>The process that runs a cluster from a folder; null when none is known.</summary>
    public static int? RunningProcess(string path)
    {
        try
        {
            return int.TryParse(
                System.IO.File.ReadAllText(PidFile(path)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A file in the folder.</summary>
    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <inheritdoc/>
    public void Dispose()
    {
        System.IO.File.Delete(PidFile(Path));
        _lock.Dispose();
    }

    private static FileStream? Lock(string path)
    {
        try
        {
            return new FileStream(
                System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not FileNotFoundException and not DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void CheckVersion(string path)
    {
        var file = System.IO.Path.Combine(path, "version");
        if (!System.IO.File.Exists(file))
        {
            System.IO.File.WriteAllText(file, Version + "\n");
            return;
        }

        var found = System.IO.File.ReadAllText(file).Trim();
        if (found != Version)
        {
            throw new StartupException(
                $"the data folder {path} is of version {found} and this kubelite needs version {Version}: " +
                "use the kubelite that made it, or remove it with kubelite reset");
        }
    }

    private static string PidFile(string path) => System.IO.Path.Combine(path, "up.pid");

    private static string RunningAs(string path) => RunningProcess(path) is { } pid ? $" (process {pid})" : "";
}
