namespace KubeLite.ControllerRuntime.LeaderElection;

/// <summary>A leader could not renew its Lease in time and has stopped its work; another may lead by now.</summary>
public sealed class LeadershipLostException(string message) : Exception(message);
