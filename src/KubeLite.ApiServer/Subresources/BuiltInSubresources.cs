using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Who answers for the subresources and questions of the built-in API.</summary>
public static class BuiltInSubresources
{
    /// <summary>Fills the catalog.</summary>
    public static SubresourceCatalog Make(
        SubresourceCatalog catalog, ResourceRegistry registry, ObjectCodec codec, ObjectStore objects, WriteEndpoint writes, ReadEndpoint reads,
        Authorizer authorizer, ServiceAccountTokens accounts, StaticTokens tokens, ClientCertificates certificates, ApiServerOptions options)
    {
        return catalog;
    }
}
