using System.Diagnostics;
using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary><c>kubelite down</c> and <c>kubelite reset</c>.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Stops the cluster that runs from a folder, and waits until it has stopped.</summary>
    /// <exception cref="StartupException">It cannot be told or does not stop.</exception>
    public static async Task<string> DownAsync(string folder, CancellationToken cancellationToken)
    {
        if (!DataFolder.IsInUse(folder))
        {
            return $"no cluster runs from {folder}";
        }

        var pid = DataFolder.RunningProcess(folder)
            ?? throw new StartupException(
                $"a cluster runs from {folder} but its process is not known: stop it with Ctrl-C where it was started");
        try
        {
            using var process = Process.GetProcessById(pid);
            Signals.Terminate(pid);
            await process.WaitForExitAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        }
        catch (ArgumentException)
        {
            // It has just ended.
        }
        catch (TimeoutException e)
        {
            throw new StartupException(
                $"process {pid} has not stopped after {s_patience.TotalSeconds:0} s: look at {Path.Combine(folder, "logs")}", e);
        }

        return "stopped";
    }

    /// <summary>Removes the folder of a cluster that does not run.</summary>
    /// <exception cref="StartupException">It runs, or the folder is not one of kubelite's.</exception>
    public static string Reset(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return $"there is nothing at {folder}";
        }

        if (DataFolder.IsInUse(folder))
        {
            throw new StartupException($"a cluster runs from {folder}: stop it with kubelite down first");
        }

        // Never remove a folder that something else lives in because of a wrong --data-dir.
        if (!File.Exists(Path.Combine(folder, "version")))
        {
            throw new StartupException($"{folder} was not made by kubelite: remove it yourself if that is what you want");
        }

        Directory.Delete(folder, recursive: true);
        return $"removed {folder}";
    }
}
