namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>A unit of the collector's work.</summary>
/// <param name="Action">What to attempt.</param>
/// <param name="Uid">The object; empty for <see cref="GcAction.Discover"/>.</param>
public readonly record struct GcKey(GcAction Action, string Uid);
