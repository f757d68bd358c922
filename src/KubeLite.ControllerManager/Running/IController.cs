namespace KubeLite.ControllerManager.Running;

/// <summary>One control loop. It asks for its informers when it is made and starts nothing before <see cref="RunAsync"/>.</summary>
public interface IController
{
    /// <summary>Works until cancelled; returns when nothing of it runs any more.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
