namespace KubeLite.ApiServer.Tables;

/// <summary>A cell that says how long ago something was, so that its text changes while the object doesn't.</summary>
/// <param name="Before">What stands before the age.</param>
/// <param name="Then">The time that it counts from.</param>
/// <param name="After">What stands behind the age.</param>
public sealed record AgeCell(string Before, DateTimeOffset Then, string After)
{
    /// <summary>The text at a time.</summary>
    public string At(DateTimeOffset now) => Before + TableText.Duration(now - Then) + After;
}
