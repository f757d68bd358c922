namespace KubeLite.Storage;

/// <summary>Why a store call failed. Closed set: the registry translates each code to an API status.</summary>
public enum StoreErrorCode
{
    /// <summary>A parameter is impossible (empty key, negative revision, range without bounds).</summary>
    InvalidArgument,

    /// <summary>The revision asked for was compacted away; <see cref="StoreException.CompactRevision"/> says up to where.</summary>
    Compacted,

    /// <summary>The revision asked for lies in the future.</summary>
    FutureRevision,

    /// <summary>The store does not answer (down, no leader, disposed); retrying later can help.</summary>
    Unavailable,

    /// <summary>No answer within the deadline; a write may or may not have taken place.</summary>
    Timeout,

    /// <summary>The value or request exceeds the store's size limit.</summary>
    TooLarge,

    /// <summary>The disk or the store's quota is full.</summary>
    NoSpace,

    /// <summary>Stored data is damaged.</summary>
    Corrupt,

    /// <summary>Another process holds the data exclusively.</summary>
    InUse,

    /// <summary>The data was written in a format that this version does not read.</summary>
    VersionMismatch,

    /// <summary>The store refused the credentials.</summary>
    Unauthenticated,
}
