namespace KubeLite.ControllerManager.Running;

/// <summary>Numbers in statuses that Kubernetes leaves out when they are zero.</summary>
public static class Counts
{
    /// <summary>The number, or null for zero.</summary>
    public static int? OrNull(int count) => count == 0 ? null : count;
}
