namespace KubeLite.ControllerManager.Running;

/// <summary>One entry of the table of controllers.</summary>
/// <param name="Name">As <c>--controllers</c> and Kubernetes' documentation call it.</param>
/// <param name="Create">Makes it; null where the options leave it nothing to do.</param>
/// <param name="OnByDefault">Whether <c>*</c> includes it.</param>
public sealed record ControllerDescriptor(string Name, Func<ControllerContext, IController?> Create, bool OnByDefault = true);
