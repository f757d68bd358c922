using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>Which strategy is a resource's: the one place where a kind's folder is made known.</summary>
public sealed class StrategyCatalog
{
    private readonly Dictionary<(string Group, string Resource), ResourceStrategy> _strategies = [];
    private readonly ResourceStrategy _plain = new();

    /// <summary>Names the strategy of a resource.</summary>
    public StrategyCatalog Add(string group, string resource, ResourceStrategy strategy)
    {
        _strategies.Add((group, resource), strategy);
        return this;
    }

    /// <summary>The strategy of a resource; the plain one where none was named.</summary>
    public ResourceStrategy For(string group, string resource) => _strategies.GetValueOrDefault((group, resource), _plain);
}
