using Google.Protobuf;

namespace KubeLite.Storage.Etcd;

/// <summary>Translates callers' keys, which begin with /registry, to those in etcd and back.</summary>
internal sealed class EtcdKeys(string prefix)
{
    private const string CallersPrefix = "/registry";

    /// <summary>etcd's way to say "from the first key on" and "to the last key".</summary>
    public static readonly ByteString Unbounded = ByteString.CopyFrom(0);

    private readonly string _prefix = prefix.StartsWith('/') ? prefix.TrimEnd('/') : "/" + prefix.TrimEnd('/');

    public ByteString ToEtcd(string key) => ByteString.CopyFromUtf8(
        _prefix != CallersPrefix && key.StartsWith(CallersPrefix, StringComparison.Ordinal)
            ? string.Concat(_prefix, key.AsSpan(CallersPrefix.Length))
            : key);

    public string FromEtcd(ByteString key)
    {
        string text = key.ToStringUtf8();
        return _prefix != CallersPrefix && text.StartsWith(_prefix, StringComparison.Ordinal)
            ? string.Concat(CallersPrefix, text.AsSpan(_prefix.Length))
            : text;
    }

    public KeyValue FromEtcd(Mvccpb.KeyValue pair) =>
        new(FromEtcd(pair.Key), pair.Value.Memory, pair.CreateRevision, pair.ModRevision, pair.Version);
}
