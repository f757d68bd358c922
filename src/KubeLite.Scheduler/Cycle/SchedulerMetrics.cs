using Prometheus;

namespace KubeLite.Scheduler.Cycle;

/// <summary>The metrics that kube-scheduler's users know.</summary>
internal static class SchedulerMetrics
{
    private static readonly Counter s_attempts = Metrics.CreateCounter(
        "scheduler_schedule_attempts_total", "Number of attempts to schedule pods, by the result.", "result", "profile");

    private static readonly Histogram s_duration = Metrics.CreateHistogram(
        "scheduler_scheduling_attempt_duration_seconds", "Scheduling attempt latency in seconds.",
        new HistogramConfiguration
        {
            LabelNames = ["result", "profile"],
            Buckets = Histogram.ExponentialBuckets(0.0001, 2, 16),
        });

    private static readonly Gauge s_pending = Metrics.CreateGauge(
        "scheduler_pending_pods", "Number of pending pods, by the queue type.", "queue");

    /// <summary>An attempt ended.</summary>
    /// <param name="result">scheduled, unschedulable or error.</param>
    /// <param name="elapsed">How long it took.</param>
    public static void Attempted(string result, TimeSpan elapsed)
    {
        s_attempts.WithLabels(result, "default-scheduler").Inc();
        s_duration.WithLabels(result, "default-scheduler").Observe(elapsed.TotalSeconds);
    }

    /// <summary>How many Pods wait where.</summary>
    public static void Pending(int active, int backoff, int unschedulable)
    {
        s_pending.WithLabels("active").Set(active);
        s_pending.WithLabels("backoff").Set(backoff);
        s_pending.WithLabels("unschedulable").Set(unschedulable);
    }
}
