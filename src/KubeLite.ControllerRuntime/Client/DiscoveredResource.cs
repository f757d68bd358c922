namespace KubeLite.ControllerRuntime.Client;

/// <summary>A resource that the server serves in its group's preferred version.</summary>
/// <param name="Resource">Where it is served.</param>
/// <param name="Verbs">Such as <c>list</c>, <c>watch</c>, <c>delete</c>, <c>deletecollection</c>.</param>
public sealed record DiscoveredResource(ResourceInfo Resource, IReadOnlyList<string> Verbs)
{
    /// <summary>Whether the resource has every one of these verbs.</summary>
    public bool Supports(params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            if (!Verbs.Contains(verb))
            {
                return false;
            }
        }
        return true;
    }
}
