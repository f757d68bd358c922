namespace KubeLite.Storage.Embedded;

/// <summary>Checks that both embedded backends make of what they are given, and the limits that they share with etcd.</summary>
internal static class WriteRules
{
    /// <summary>The largest value taken: 3 MiB, the request limit of Kubernetes' API server.</summary>
    public const int MaxValueBytes = 3 * 1024 * 1024;

    public static void CheckPut(string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive)
    {
        CheckKey(key, expectedModRevision);
        if (timeToLive <= TimeSpan.Zero)
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "a time to live must be positive");
        }

        if (value.Length > MaxValueBytes)
        {
            throw new StoreException(
                StoreErrorCode.TooLarge, $"the value of {key} has {value.Length} bytes, more than the limit of {MaxValueBytes}");
        }
    }

    public static void CheckKey(string key, long? expectedModRevision)
    {
        if (string.IsNullOrEmpty(key))
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "a key must not be empty");
        }

        if (expectedModRevision < 0)
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "an expected revision must not be negative");
        }
    }
}
