namespace KubeLite.Benchmarks.Targets;

/// <summary>Where the servers of this checkout are.</summary>
public static class OwnPrograms
{
    /// <summary>The folder of the servers of the same build configuration as this program: the command line's holds every one.</summary>
    public static string BuildFolder()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        string root = string.Join('/', parts[..Array.LastIndexOf(parts, "tests")]);
        return Path.Combine(root, "src/KubeLite.Cli/bin", parts[^2], parts[^1]);
    }
}
