namespace KubeLite.Scheduler.Framework;

/// <summary>What a plugin decided (kube-scheduler framework, <c>fwk.Code</c>).</summary>
internal enum StatusCode
{
    /// <summary>The plugin is content.</summary>
    Success,

    /// <summary>Something unexpected; the Pod is retried after a back-off.</summary>
    Error,

    /// <summary>The Pod does not fit now; preemption may help.</summary>
    Unschedulable,

    /// <summary>The Pod does not fit and preemption cannot help.</summary>
    UnschedulableAndUnresolvable,

    /// <summary>Permit wants the Pod to wait before it is bound.</summary>
    Wait,

    /// <summary>The plugin has nothing to do for this Pod; its coupled extension points are left out.</summary>
    Skip,
}
