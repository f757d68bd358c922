namespace KubeLite.ApiServer.FlowControl;

/// <summary>How a priority level stands at a moment.</summary>
/// <param name="Name">The level's name.</param>
/// <param name="Nominal">The seats that are its own.</param>
/// <param name="Executing">The seats in use.</param>
/// <param name="Waiting">The requests that wait.</param>
/// <param name="Rejected">The requests that were turned away since the server began.</param>
public sealed record FlowLevelState(string Name, int Nominal, int Executing, int Waiting, long Rejected);
