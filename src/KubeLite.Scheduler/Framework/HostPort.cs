namespace KubeLite.Scheduler.Framework;

/// <summary>A port of the node that a container wants for itself.</summary>
/// <param name="Address">The address; <c>0.0.0.0</c> stands for every address.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Port">1 to 65535.</param>
internal readonly record struct HostPort(string Address, string Protocol, int Port)
{
    /// <summary>Every address of the node.</summary>
    public const string AnyAddress = "0.0.0.0";

    /// <summary>Whether the two cannot both be had.</summary>
    public bool Conflicts(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == AnyAddress || other.Address == AnyAddress);
}
