namespace KubeLite.ApiServer.Admission;

/// <summary>The plugins in order: all mutate, then, after validation, all decide.</summary>
public sealed class AdmissionChain(IReadOnlyList<AdmissionPlugin> plugins)
{
    /// <summary>Lets every plugin change the object.</summary>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (AdmissionPlugin plugin in plugins)
        {
            await plugin.MutateAsync(request, cancellationToken);
        }
    }

    /// <summary>Lets every plugin decide.</summary>
    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (AdmissionPlugin plugin in plugins)
        {
            await plugin.ValidateAsync(request, cancellationToken);
        }
    }
}
