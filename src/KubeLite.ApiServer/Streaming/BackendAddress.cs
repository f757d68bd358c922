namespace KubeLite.ApiServer.Streaming;

/// <summary>Where a request is passed on to.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">A port; 0 for the scheme's own.</param>
public sealed record BackendAddress(string Scheme, string Host, int Port)
{
    /// <summary>True where the connection is encrypted.</summary>
    public bool IsTls => Scheme == "https";

    /// <summary>The port that is connected to.</summary>
    public int ActualPort => Port > 0 ? Port : IsTls ? 443 : 80;

    /// <summary>Host and port as they stand in a URL.</summary>
    public string Authority
    {
        get
        {
            string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            return Port > 0 ? $"{host}:{Port}" : host;
        }
    }

    /// <summary>The beginning of its URLs.</summary>
    public string Origin => $"{Scheme}://{Authority}";
}
