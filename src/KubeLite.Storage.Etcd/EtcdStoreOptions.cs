namespace KubeLite.Storage.Etcd;

/// <summary>Which etcd to use and how.</summary>
public sealed record EtcdStoreOptions
{
    /// <summary>Client URLs of the members, <c>http://</c> or <c>https://</c> (a bare host:port means http); at least one.
    /// Flag: --etcd-servers.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>PEM file of the authority that signed the members' certificates; null: the system's. Flag: --etcd-cafile.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client certificate; null: none. Flag: --etcd-certfile.</summary>
    public string? CertFile { get; init; }

    /// <summary>PEM file of the client key; set with <see cref="CertFile"/>. Flag: --etcd-keyfile.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What stands in etcd in place of the <c>/registry</c> that callers' keys begin with; default <c>/registry</c>.
    /// Flag: --etcd-prefix.</summary>
    public string Prefix { get; init; } = "/registry";

    /// <summary>Deadline of each call; default 10 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long opening waits for a member to answer; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether watches deliver the deleted pair with a deletion. Default false: etcd could only send the pair before every
    /// change, which doubles the traffic, and the watch cache knows it anyway.</summary>
    public bool PreviousValues { get; init; }
}
