namespace KubeLite.Cli.Up;

/// <summary>What <c>kubelite up</c> was asked for.</summary>
public sealed record UpOptions
{
    /// <summary>The data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The port of the API server: 6443 by default.</summary>
    public int Port { get; init; } = 6443;

    /// <summary>The address that the API server listens on: 127.0.0.1 by default.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary>How many simulated nodes: 3 by default; 0 for none.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>sqlite (the default), memory or etcd.</summary>
    public string Datastore { get; init; } = "sqlite";

    /// <summary>The etcd endpoints, for <c>etcd</c>.</summary>
    public IReadOnlyList<string> EtcdServers { get; init; } = [];

    /// <summary>The authority of etcd's certificates in PEM; empty for plain HTTP.</summary>
    public string EtcdCaFile { get; init; } = "";

    /// <summary>The client certificate for etcd in PEM; empty for none.</summary>
    public string EtcdCertificateFile { get; init; } = "";

    /// <summary>The key of the client certificate for etcd in PEM.</summary>
    public string EtcdKeyFile { get; init; } = "";

    /// <summary>Whether each server becomes a process of its own; false by default.</summary>
    public bool Processes { get; init; }

    /// <summary>How long the cluster may take to become ready: a minute, and another for each thousand nodes.</summary>
    public TimeSpan Timeout => TimeSpan.FromSeconds(60 + (Nodes * 0.06));

    /// <summary>Verbosity of the servers' logs, 0 to 9.</summary>
    public int Verbosity { get; init; }

    /// <summary>The URL of the API server for clients on this machine.</summary>
    public Uri Server => new($"https://127.0.0.1:{Port}");
}
