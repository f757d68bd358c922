namespace KubeLite.Kubelet.Drivers;

/// <summary>Which part of a container's log is wanted (core/v1 <c>PodLogOptions</c>).</summary>
public sealed record LogRequest
{
    /// <summary>Only that many lines at the end; null for all.</summary>
    public int? TailLines { get; init; }

    /// <summary>Only lines written at this time or later; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether each line begins with the time at which it was written.</summary>
    public bool Timestamps { get; init; }

    /// <summary>The most bytes to write; null for no limit.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Whether to go on until the container ends.</summary>
    public bool Follow { get; init; }
}
