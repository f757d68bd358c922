using System.Runtime.InteropServices;

namespace KubeLite.Hosting.Memory;

/// <summary>The C library's heap, from which the runtime, its compiler, OpenSSL and SQLite take their memory.</summary>
internal static class NativeHeap
{
    /// <summary>Gives the pages that nothing lies in back to the system. Does nothing where the C library isn't glibc.</summary>
    public static void Trim()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = TrimAll(keep: 0);
            }
            catch (EntryPointNotFoundException)
            {
                // Only glibc has it; musl gives back by itself.
            }
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimAll(nuint keep);
}
