namespace KubeLite.Cli.Up;

/// <summary>Tells the person at the terminal how far the start is. Thread-safe.</summary>
/// <remarks>A few escape sequences of its own: a library for terminals costs an idle cluster 2 MB.</remarks>
/// <param name="output">Where it is told.</param>
/// <param name="colored">Whether that is a terminal, which shows colours.</param>
internal sealed class UpProgress(TextWriter output, bool colored)
{
    private readonly Lock _lock = new();

    /// <summary>Tells on the console, in colours where that is a terminal and <c>NO_COLOR</c> isn't set (no-color.org).</summary>
    public static UpProgress ForConsole() => new(
        Console.Out,
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb"
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>A step is done.</summary>
    public void Done(string what) => Write($"{Styled("32", "✓")} {what}");

    /// <summary>The cluster can be used.</summary>
    public void Ready(UpOptions options, string kubeconfig, TimeSpan elapsed) => Write(
        $"""

        {Styled("1", "The cluster is ready")} at {options.Server.GetLeftPart(UriPartial.Authority)} after {elapsed.TotalSeconds:0.0} s.

          export KUBECONFIG={kubeconfig}
          kubectl get nodes

        {Styled("90", "Ctrl-C stops it; the next kubelite up finds everything again.")}
        """);

    /// <summary>The cluster is being stopped.</summary>
    public void Stopping() => Write("stopping");

    private string Styled(string style, string text) => colored ? $"\e[{style}m{text}\e[0m" : text;

    private void Write(string text)
    {
        lock (_lock)
        {
            output.WriteLine(text);
        }
    }
}
