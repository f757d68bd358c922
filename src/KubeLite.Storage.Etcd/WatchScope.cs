using Google.Protobuf;

namespace KubeLite.Storage.Etcd;

/// <summary>What a watch asks etcd for.</summary>
/// <param name="Key">First key.</param>
/// <param name="End">First key no longer watched.</param>
/// <param name="Filter">Only keys that begin so are delivered; the others serve as progress. Null: all.</param>
/// <param name="PreviousValues">Whether each event brings the pair before it.</param>
/// <param name="Progress">Whether the server shall report progress by itself now and then.</param>
internal sealed record WatchScope(ByteString Key, ByteString End, ByteString? Filter, bool PreviousValues, bool Progress);
