namespace KubeLite.ApiServer.Subresources;

/// <summary>The name of a proxied object as paths write it: <c>[SCHEME:]NAME[:PORT]</c>.</summary>
/// <param name="Scheme">http, https or empty.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Port">A port's number or name, or empty.</param>
public sealed record ProxyTarget(string Scheme, string Name, string Port)
{
    /// <summary>Reads a name; null where it isn't of that form.</summary>
    public static ProxyTarget? Parse(string id)
    {
        ProxyTarget? target = id.Split(':') switch
        {
            [var name] => new("", name, ""),
            [var name, var port] => new("", name, port),
            [var scheme, var name, var port] => new(scheme, name, port),
            _ => null,
        };
        return target is { Name.Length: > 0, Scheme: "" or "http" or "https" } ? target : null;
    }
}
