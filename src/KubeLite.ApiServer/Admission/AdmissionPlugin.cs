namespace KubeLite.ApiServer.Admission;

/// <summary>A step that every write passes; the base does nothing. Refusals are <see cref="ApiMachinery.Errors.ApiException"/>s.</summary>
public abstract class AdmissionPlugin
{
    /// <summary>Kubernetes' name of the plugin.</summary>
    public abstract string Name { get; }

    /// <summary>Changes the object before it is prepared and validated.</summary>
    public virtual ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Decides about the object as it would be stored.</summary>
    public virtual ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
