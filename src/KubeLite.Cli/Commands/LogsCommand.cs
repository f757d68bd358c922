using System.Globalization;
using System.Text;
using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary><c>kubelite logs</c>.</summary>
internal static class LogsCommand
{
    /// <summary>Prints a container's log as it comes.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="container">The container; empty where the Pod has one.</param>
    /// <param name="follow">Whether to go on until the container ends.</param>
    /// <param name="tail">The last lines only; -1 for all.</param>
    /// <param name="previous">Whether to print the run before the last restart.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public static async Task RunAsync(
        CommandContext context, string pod, string container, bool follow, int tail, bool previous, CancellationToken cancellationToken)
    {
        var query = new StringBuilder("?");
        query.Append(follow ? "follow=true&" : "").Append(previous ? "previous=true&" : "");
        if (container.Length > 0)
        {
            query.Append("container=").Append(Uri.EscapeDataString(container)).Append('&');
        }

        if (tail >= 0)
        {
            query.Append(CultureInfo.InvariantCulture, $"tailLines={tail}&");
        }

        var name = pod.StartsWith("pod/", StringComparison.Ordinal) ? pod[4..] : pod;
        var path = context.Types.Find("pods").Path(context.Namespace, name) + "/log" + query.ToString().TrimEnd('&', '?');
        using var response = await context.Client.OpenAsync(HttpMethod.Get, path, "*/*", null, null, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var output = Console.OpenStandardOutput();
        await stream.CopyToAsync(output, cancellationToken);
    }
}
