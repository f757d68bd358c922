namespace KubeLite.System.Tests.Faults;

/// <summary>What was watched without a break, from a list on.</summary>
/// <param name="from">The revision of the list.</param>
/// <param name="names">What the list held.</param>
internal sealed class WatchSegment(long from, IReadOnlyCollection<string> names)
{
    /// <summary>The revision that it begins after.</summary>
    public long From { get; } = from;

    /// <summary>The objects that were there.</summary>
    public IReadOnlyCollection<string> Names { get; } = names;

    /// <summary>The events, in the order in which they came.</summary>
    public List<WatchedEvent> Events { get; } = [];

    /// <summary>The newest revision that was watched; a bookmark may have said so.</summary>
    public long To { get; set; } = from;
}
