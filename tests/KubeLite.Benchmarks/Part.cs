namespace KubeLite.Benchmarks;

/// <summary>Measures that belong together, to choose from.</summary>
public enum Part
{
    /// <summary>Creates, reads and patches of single objects.</summary>
    Objects,

    /// <summary>Lists of all Pods, which are created first.</summary>
    Lists,

    /// <summary>Many watchers of one resource.</summary>
    Watches,

    /// <summary>A client's cache of all Pods.</summary>
    Informers,

    /// <summary>Pods scheduled on many Nodes.</summary>
    Scheduling,

    /// <summary>A whole idle cluster.</summary>
    Up,

    /// <summary>A cluster of the size that Kubernetes is released for; takes minutes and is measured only where it is asked for.</summary>
    Scale,
}
