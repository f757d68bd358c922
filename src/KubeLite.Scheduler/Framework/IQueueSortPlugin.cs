using KubeLite.Scheduler.Queue;

namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point QueueSort: the order of the active queue. There is exactly one.</summary>
internal interface IQueueSortPlugin : IPlugin, IComparer<QueuedPod>;
