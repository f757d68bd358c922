using System.Globalization;

namespace KubeLite.Benchmarks.Targets;

/// <summary>What Linux counts of a process.</summary>
public static class ProcessFigures
{
    // USER_HZ, which is 100 on every platform that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Resident memory in MB (10^6 bytes).</summary>
    public static double ResidentMegabytes(int pid) => Kilobytes($"/proc/{pid}/status", "VmRSS:") * 1024 / 1e6;

    /// <summary>Resident memory in MB of which pages that other processes hold too count in part.</summary>
    public static double ProportionalMegabytes(int pid) => Kilobytes($"/proc/{pid}/smaps_rollup", "Pss:") * 1024 / 1e6;

    /// <summary>Seconds of CPU used so far.</summary>
    public static double CpuSeconds(int pid)
    {
        string[] fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
            / TicksPerSecond;
    }

    /// <summary>How often each thread has gone to sleep so far, by thread id: each is a wake-up before it.</summary>
    public static Dictionary<int, ThreadSleeps> Sleeps(int pid)
    {
        var sleeps = new Dictionary<int, ThreadSleeps>();
        foreach (string folder in Directory.EnumerateDirectories($"/proc/{pid}/task"))
        {
            try
            {
                sleeps[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = new ThreadSleeps(
                    File.ReadAllText(Path.Combine(folder, "comm"))
                        .Trim(), Number(Path.Combine(folder, "status"), "voluntary_ctxt_switches:"));
            }
            catch (IOException)
            {
                // The thread has ended since.
            }
        }

        return sleeps;
    }

    private static long Kilobytes(string file, string key) => Number(file, key);

    private static long Number(string file, string key)
    {
        string line = File.ReadLines(file).First(l => l.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
