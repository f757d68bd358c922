using System.Runtime.InteropServices;

namespace KubeLite.Cli.Up;

/// <summary>Asks processes to end.</summary>
internal static class Signals
{
    private const int Term = 15;

    /// <summary>Sends SIGTERM; false when there is no such process.</summary>
    public static bool Terminate(int pid) => Kill(pid, Term) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
