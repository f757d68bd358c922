using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace KubeLite.Hosting.Memory;

/// <summary>
/// The files that are mapped into this process, above all the programs' code. What was read of them once counts as resident for as
/// long as nobody else needs the memory, although the system holds it in its file cache anyway.
/// </summary>
internal static class MappedFiles
{
    private const int DontNeed = 4;

    /// <summary>Takes the unchanged pages of mapped files out of this process. They stay in the system's file cache; whatever is
    /// needed again is mapped again without reading the file. Does nothing but on Linux.</summary>
    public static void Release()
    {
        if (OperatingSystem.IsLinux())
        {
            using FileStream mappings = new("/proc/self/smaps", FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            foreach ((nint start, nint end) in Unchanged(mappings))
            {
                // Advice: where the system refuses, the pages stay.
                _ = Advise(start, (nuint)(end - start), DontNeed);
            }
        }
    }

    /// <summary>The mappings of files that nobody may write to and of which no page differs from the file (a relocated address, a
    /// debugger's breakpoint): only of these does nothing get lost.</summary>
    /// <param name="mappings">The text of proc(5)'s <c>smaps</c>.</param>
    internal static List<(nint Start, nint End)> Unchanged(Stream mappings)
    {
        List<(nint, nint)> unchanged = [];
        (nint Start, nint End)? candidate = null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16384);
        int filled = 0, read;
        while ((read = mappings.Read(buffer, filled, buffer.Length - filled)) > 0)
        {
            filled += read;
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, filled);
            int length;
            while ((length = rest.IndexOf((byte)'\n')) >= 0)
            {
                ReadOnlySpan<byte> line = rest[..length];
                if (line.StartsWith("Anonymous:"u8))
                {
                    if (candidate is { } mapping && line.EndsWith(" 0 kB"u8))
                    {
                        unchanged.Add(mapping);
                    }
                }
                else if (!char.IsAsciiLetterUpper((char)line[0]))
                {
                    candidate = FileMapping(line);
                }

                rest = rest[(length + 1)..];
            }

            rest.CopyTo(buffer);
            filled = rest.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return unchanged;
    }

    /// <summary>Reads a mapping's first line, such as <c>7f00-7f80 r-xp 00000000 fe:00 123   /usr/lib/libc.so.6</c>.</summary>
    private static (nint Start, nint End)? FileMapping(ReadOnlySpan<byte> line)
    {
        int path = line.IndexOf((byte)'/');
        // What has no name in a file system is no file's: dropping a page of it loses it, or just hides it (memfd).
        if (path < 0 || line[path..].StartsWith("/memfd:"u8) || line[path..].StartsWith("/dev/"u8) || line.EndsWith(" (deleted)"u8) ||
            !Utf8Parser.TryParse(line, out long start, out int used, 'x') ||
            !Utf8Parser.TryParse(line[(used + 1)..], out long end, out int more, 'x'))
        {
            return null;
        }

        const int Writable = 2;
        return line[used + 1 + more + Writable] == '-' ? ((nint)start, (nint)end) : null;
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint address, nuint length, int advice);
}
