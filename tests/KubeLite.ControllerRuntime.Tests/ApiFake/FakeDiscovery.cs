using System.Text.Json.Nodes;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>Aggregated discovery of the fake.</summary>
internal static class FakeDiscovery
{
    private static readonly string[] s_verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    internal static JsonObject List(IEnumerable<FakeResource> resources, bool core)
    {
        var groups = new JsonArray();
        foreach (var group in resources.Where(r => (r.Group.Length == 0) == core).GroupBy(r => r.Group))
        {
            var versions = new JsonArray();
            foreach (var version in group.GroupBy(r => r.Version).OrderByDescending(v => v.Key, StringComparer.Ordinal))
            {
                var listed = new JsonArray();
                foreach (var resource in version)
                {
                    listed.Add(new JsonObject
                    {
                        ["resource"] = resource.Plural,
                        ["responseKind"] = new JsonObject { ["group"] = "", ["version"] = "", ["kind"] = resource.Kind },
                        ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
                        ["verbs"] = new JsonArray([.. s_verbs.Select(v => JsonValue.Create(v))]),
                    });
                }
                versions.Add(new JsonObject { ["version"] = version.Key, ["resources"] = listed, ["freshness"] = "Current" });
            }
            groups.Add(new JsonObject { ["metadata"] = new JsonObject { ["name"] = group.Key }, ["versions"] = versions });
        }
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = groups,
        };
    }
}
