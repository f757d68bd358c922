using Spectre.Console;

namespace KubeLite.Cli.Up;

/// <summary>Tells the person at the terminal how far the start is; plain lines when there is no terminal. Thread-safe.</summary>
internal sealed class UpProgress(IAnsiConsole console)
{
    private readonly Lock _lock = new();

    /// <summary>A step is done.</summary>
    public void Done(string what)
    {
        lock (_lock)
        {
            console.MarkupLine($"[green]✓[/] {Markup.Escape(what)}");
        }
    }

    /// <summary>The cluster can be used.</summary>
    public void Ready(UpOptions options, string kubeconfig, TimeSpan elapsed)
    {
        lock (_lock)
        {
            console.WriteLine();
            console.MarkupLine(
                $"[bold]The cluster is ready[/] at {options.Server.GetLeftPart(UriPartial.Authority)} after {elapsed.TotalSeconds:0.0} s.");
            console.WriteLine();
            console.WriteLine($"  export KUBECONFIG={kubeconfig}");
            console.WriteLine("  kubectl get nodes");
            console.WriteLine();
            console.MarkupLine("[grey]Ctrl-C stops it; the next kubelite up finds everything again.[/]");
        }
    }

    /// <summary>The cluster is being stopped.</summary>
    public void Stopping()
    {
        lock (_lock)
        {
            console.WriteLine("stopping");
        }
    }
}
