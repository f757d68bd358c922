using System.Text.RegularExpressions;
using Xunit;

namespace KubeLite.System.Tests;

/// <summary>
/// What kubectl said about the ConfigMaps that it applied, against what a server holds. An object that kubectl called created
/// was acknowledged: it must be there from then on, and can never be created again.
/// </summary>
public sealed partial class ApplyHistory
{
    private readonly HashSet<string> _created = [];
    private readonly List<string> _twice = [];

    /// <summary>How many ConfigMaps kubectl reported as created.</summary>
    public int Created => _created.Count;

    /// <summary>The highest number that the ledger was acknowledged with.</summary>
    public int Ledger { get; private set; } = -1;

    /// <summary>Takes in what one <c>kubectl apply</c> printed, whether it succeeded or not.</summary>
    /// <param name="output">Its output.</param>
    /// <param name="ledger">The number that the manifest gave the ledger.</param>
    public void Read(string output, int ledger)
    {
        foreach (Match line in Line().Matches(output))
        {
            if (line.Groups["name"].Value == "ledger")
            {
                Ledger = Math.Max(Ledger, ledger);
            }
            else if (line.Groups["what"].Value == "created" && !_created.Add(line.Groups["name"].Value))
            {
                _twice.Add(line.Groups["name"].Value);
            }
        }
    }

    /// <summary>Fails unless the server holds every acknowledged object with its content.</summary>
    /// <param name="held">Lines of name=data.</param>
    /// <param name="when">What happened before, for the message.</param>
    public void Check(string held, string when)
    {
        string[] lines = held.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> objects = lines.Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        var missing = _created.Where(name => !objects.ContainsKey(name)).Order().ToList();
        Assert.True(
            missing.Count == 0,
            $"{when}: {missing.Count} of {_created.Count} acknowledged objects are missing: {string.Join(' ', missing.Take(10))}");
        Assert.True(_twice.Count == 0, $"{when}: created twice, so lost in between: {string.Join(' ', _twice.Take(10))}");
        Assert.All(_created, name => Assert.Equal(Content(name), objects[name]));
        if (Ledger >= 0)
        {
            Assert.True(int.Parse(objects["ledger"]) >= Ledger, $"{when}: the ledger is back at {objects["ledger"]} from {Ledger}");
        }
    }

    /// <summary>What the ConfigMap of a name holds: as much as makes it larger than a database page.</summary>
    public static string Content(string name) => string.Concat(Enumerable.Repeat($"the content of {name}, ", 200));

    [GeneratedRegex(@"^configmap/(?<name>\S+) (?<what>created|configured|unchanged)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
