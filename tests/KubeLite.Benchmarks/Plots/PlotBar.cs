namespace KubeLite.Benchmarks.Plots;

/// <summary>One bar.</summary>
/// <param name="Row">What was measured.</param>
/// <param name="Ratio">How many times as good as Kubernetes.</param>
/// <param name="Target">The ratio that it should reach; null where nothing is asked.</param>
public sealed record PlotBar(string Row, double Ratio, double? Target);
