using KubeLite.Hosting;

namespace KubeLite.Kubelet;

/// <summary>Reads <c>--node-labels</c>.</summary>
internal static class LabelFlag
{
    /// <summary>Turns <c>key=value</c> items into labels.</summary>
    /// <exception cref="StartupException">An item has no equals sign.</exception>
    public static Dictionary<string, string> Parse(IReadOnlyList<string> items)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new StartupException($"--node-labels holds \"{item}\": write each label as key=value");
            }

            labels[item[..equals]] = item[(equals + 1)..];
        }

        return labels;
    }
}
