namespace KubeLite.ApiServer.Endpoints;

/// <summary>One thing that health depends on.</summary>
/// <param name="Name">Its name, which is its path below the endpoint's.</param>
/// <param name="CheckAsync">Looks; true where all is well.</param>
public sealed record HealthCheck(string Name, Func<CancellationToken, ValueTask<bool>> CheckAsync)
{
    /// <summary>
    /// True where only readiness depends on it: a server that can't answer yet, or no longer, is not one to be restarted.
    /// </summary>
    public bool ReadinessOnly { get; init; }
}
