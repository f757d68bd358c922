using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Events;

/// <summary>A plugin that can reject a Pod and says what may undo that.</summary>
internal interface IEventInterested : IPlugin
{
    /// <summary>The changes after which a Pod that it rejected is worth another try.</summary>
    IReadOnlyList<EventInterest> Events { get; }
}
