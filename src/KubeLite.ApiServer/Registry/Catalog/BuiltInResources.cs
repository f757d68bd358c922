using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>Makes the definitions of all built-in resources: facts, plus the strategy that the catalog names for each.</summary>
public static class BuiltInResources
{
    /// <summary>Places of keys that aren't the resource's name (Kubernetes' storage factory).</summary>
    private static readonly Dictionary<string, string> s_places = new(StringComparer.Ordinal)
    {
        ["replicationcontrollers"] = "controllers",
        ["endpoints"] = "services/endpoints",
        ["nodes"] = "minions",
        ["services"] = "services/specs",
        ["ingresses.networking.k8s.io"] = "ingress",
        ["customresourcedefinitions.apiextensions.k8s.io"] = "apiextensions.k8s.io/customresourcedefinitions",
        ["apiservices.apiregistration.k8s.io"] = "apiregistration.k8s.io/apiservices",
    };

    /// <summary>The version in which objects are stored where a kind is served in several.</summary>
    private static readonly Dictionary<string, GroupVersionKind> s_storage = new(StringComparer.Ordinal)
    {
        ["horizontalpodautoscalers.autoscaling"] = new("autoscaling", "v2", "HorizontalPodAutoscaler"),
        ["events.events.k8s.io"] = new("", "v1", "Event"),
    };

    /// <summary>All definitions, the versions of a kind linked.</summary>
    public static IReadOnlyList<ResourceDefinition> Make(ApiFacts facts, StrategyCatalog strategies)
    {
        ILookup<(string, string, string), ResourceFacts> subresources = facts.Resources
            .Where(r => r.Subresource.Length > 0)
            .ToLookup(r => (r.Group, r.Version, r.Name));
        var definitions = new List<ResourceDefinition>();
        foreach (ResourceFacts resource in facts.Resources)
        {
            if (resource.Subresource.Length > 0 || !facts.TryGetKind(resource.Kind, out Schema? schema))
            {
                continue;
            }

            GroupVersionKind storage = s_storage.GetValueOrDefault(resource.QualifiedName, resource.Kind);
            facts.TryGetKind(storage, out Schema? storageSchema);
            definitions.Add(new ResourceDefinition
            {
                Facts = resource,
                Schema = schema,
                Strategy = strategies.For(resource.Group, resource.Name),
                StorageKind = storage,
                StorageSchema = storageSchema!,
                KeyPrefix = $"/registry/{s_places.GetValueOrDefault(resource.QualifiedName, resource.Name)}/",
                Subresources = subresources[(resource.Group, resource.Version, resource.Name)].ToDictionary(s => s.Subresource),
            });
        }

        foreach (IGrouping<string, ResourceDefinition> same in definitions.GroupBy(d => d.KeyPrefix))
        {
            foreach (ResourceDefinition definition in same)
            {
                definition.Versions = [.. same];
            }
        }

        return definitions;
    }
}
