namespace KubeLite.Storage.Etcd;

/// <summary>What can be relied on in which version of etcd.</summary>
internal static class EtcdVersions
{
    /// <summary>Whether the answer to a progress request never overtakes events: since 3.4.31, 3.5.13 and 3.6 (etcd issue 15220;
    /// Kubernetes asks the same in feature_support_checker.go).</summary>
    public static bool ProgressIsReliable(string version)
    {
        int suffix = version.IndexOfAny(['-', '+']);
        return Version.TryParse(suffix < 0 ? version : version[..suffix], out Version? parsed) && (parsed.Major, parsed.Minor) switch
        {
            (3, 4) => parsed.Build >= 31,
            (3, 5) => parsed.Build >= 13,
            (3, < 4) => false,
            _ => true,
        };
    }
}
