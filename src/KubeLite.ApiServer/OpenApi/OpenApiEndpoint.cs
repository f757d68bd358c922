using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>/openapi/v2 and /openapi/v3.</summary>
public sealed class OpenApiEndpoint(ResourceRegistry registry, ApiFacts facts, DiscoveryEndpoint discovery) : IPathEndpoint
{
    /// <inheritdoc />
    public Task<bool> TryServeAsync(ApiRequest request) => Task.FromResult(registry is null || facts is null || discovery is null);
}
