using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Requests;

/// <summary>Flags in a query, as Kubernetes converts them to booleans.</summary>
public static class QueryFlags
{
    /// <summary>True where the parameter stands there with any value but "false" and "0".</summary>
    public static bool IsTrue(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var values) && values.Count > 0 && values[0]?.ToLowerInvariant() is not ("false" or "0");
}
