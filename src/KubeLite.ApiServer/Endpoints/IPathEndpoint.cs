using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>Answers paths that are no resources.</summary>
public interface IPathEndpoint
{
    /// <summary>Answers a request.</summary>
    /// <returns>False where the path isn't this endpoint's.</returns>
    Task<bool> TryServeAsync(ApiRequest request);
}
