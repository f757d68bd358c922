using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cycle;

/// <summary>How looking for a node ended.</summary>
/// <param name="Node">The chosen node; null when there is none.</param>
/// <param name="Diagnosis">Why there is none; null after success or an error.</param>
/// <param name="Status">Success, a rejection or an error.</param>
internal readonly record struct ScheduleResult(string? Node, Diagnosis? Diagnosis, Status Status);
