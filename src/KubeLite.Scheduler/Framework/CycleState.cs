namespace KubeLite.Scheduler.Framework;

/// <summary>The plugins' notes of one scheduling cycle.</summary>
internal sealed class CycleState
{
    /// <summary>How many keys there can be.</summary>
    public const int Slots = 32;

    private readonly ICycleData?[] _data = new ICycleData?[Slots];

    /// <summary>The filter plugins, by index in the framework, that have nothing to do for this Pod.</summary>
    public ulong SkippedFilters { get; set; }

    /// <summary>The score plugins, by index in the framework, that have nothing to do for this Pod.</summary>
    public ulong SkippedScores { get; set; }

    /// <summary>What was written under the key; null when nothing was.</summary>
    public T? Read<T>(StateKey<T> key) where T : class, ICycleData => (T?)_data[key.Index];

    /// <summary>Keeps data under the key.</summary>
    public void Write<T>(StateKey<T> key, T data) where T : class, ICycleData => _data[key.Index] = data;

    /// <summary>A copy for trying out Pods on a node.</summary>
    public CycleState Clone()
    {
        var copy = new CycleState { SkippedFilters = SkippedFilters, SkippedScores = SkippedScores };
        for (var i = 0; i < Slots; i++)
        {
            copy._data[i] = _data[i]?.Clone();
        }

        return copy;
    }
}
