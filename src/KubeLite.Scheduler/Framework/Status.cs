namespace KubeLite.Scheduler.Framework;

/// <summary>
/// The answer of a plugin. Immutable; plugins keep their common answers in static fields, so that rejecting a node
/// allocates nothing.
/// </summary>
internal sealed class Status
{
    /// <summary>The plugin is content.</summary>
    public static readonly Status Success = new(StatusCode.Success, "", []);

    /// <summary>The plugin has nothing to do for this Pod.</summary>
    public static readonly Status Skip = new(StatusCode.Skip, "", []);

    private Status(StatusCode code, string plugin, string[] reasons)
    {
        Code = code;
        Plugin = plugin;
        Reasons = reasons;
    }

    /// <summary>The decision.</summary>
    public StatusCode Code { get; }

    /// <summary>The plugin that decided; empty for <see cref="Success"/> and <see cref="Skip"/>.</summary>
    public string Plugin { get; }

    /// <summary>Why, in the words that the user reads; not to be changed.</summary>
    public string[] Reasons { get; }

    /// <summary>True for <see cref="StatusCode.Success"/>.</summary>
    public bool IsSuccess => Code == StatusCode.Success;

    /// <summary>True when the Pod does not fit, as opposed to an error.</summary>
    public bool IsRejected => Code is StatusCode.Unschedulable or StatusCode.UnschedulableAndUnresolvable;

    /// <summary>The reasons in one line.</summary>
    public string Message => string.Join(", ", Reasons);

    /// <summary>A rejection that preemption may resolve.</summary>
    public static Status Unschedulable(string plugin, params string[] reasons) =>
        new(StatusCode.Unschedulable, plugin, reasons);

    /// <summary>A rejection that preemption cannot resolve.</summary>
    public static Status Unresolvable(string plugin, params string[] reasons) =>
        new(StatusCode.UnschedulableAndUnresolvable, plugin, reasons);

    /// <summary>Something unexpected happened.</summary>
    public static Status Error(string plugin, string message) => new(StatusCode.Error, plugin, [message]);

    /// <summary>Permit wants the Pod to wait.</summary>
    public static Status Wait(string plugin) => new(StatusCode.Wait, plugin, []);

    /// <inheritdoc/>
    public override string ToString() => $"{Code} {Plugin} {Message}";
}
