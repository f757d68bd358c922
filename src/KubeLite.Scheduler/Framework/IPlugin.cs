namespace KubeLite.Scheduler.Framework;

/// <summary>A scheduling plugin. Called only by the scheduling loop, unless an extension point says otherwise.</summary>
internal interface IPlugin
{
    /// <summary>The name, as in kube-scheduler's configuration.</summary>
    string Name { get; }
}
