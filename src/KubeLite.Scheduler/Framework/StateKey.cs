namespace KubeLite.Scheduler.Framework;

/// <summary>Names a plugin's data in a <see cref="CycleState"/>. Made once, in a static field.</summary>
internal sealed class StateKey<T> where T : class, ICycleData
{
    /// <summary>The slot in every <see cref="CycleState"/>.</summary>
    public int Index { get; } = StateKeys.Next();
}

/// <summary>Hands out slots.</summary>
internal static class StateKeys
{
    private static int s_count;

    public static int Next()
    {
        var index = Interlocked.Increment(ref s_count) - 1;
        return index < CycleState.Slots ? index : throw new InvalidOperationException("more state keys than slots");
    }
}
