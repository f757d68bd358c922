namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>How a queue delays keys that fail (client-go's item exponential failure limiter).</summary>
public sealed record RateLimitingQueueOptions
{
    /// <summary>The delay after the first failure. Default 5 milliseconds; above zero.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest delay. Default 1000 seconds.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(1000);
}
