namespace KubeLite.Scheduler.Framework;

/// <summary>What a plugin keeps between the extension points of one scheduling cycle.</summary>
internal interface ICycleData
{
    /// <summary>A copy that AddPod and RemovePod may change; data that these never change may return itself.</summary>
    ICycleData Clone();
}
