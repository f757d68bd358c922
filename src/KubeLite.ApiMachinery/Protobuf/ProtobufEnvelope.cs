using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>The frame of an object in Kubernetes' protobuf: four magic bytes and a <c>runtime.Unknown</c> with kind and content.</summary>
public static class ProtobufEnvelope
{
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>True where bytes begin as such a frame.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>Takes a frame apart.</summary>
    /// <exception cref="DecodeException">It is none.</exception>
    public static (string ApiVersion, string Kind, byte[] Content) Open(ReadOnlySpan<byte> bytes)
    {
        if (!Is(bytes))
        {
            throw new DecodeException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        string apiVersion = "", kind = "";
        byte[] content = [];
        var reader = new WireReader(bytes[Magic.Length..]);
        while (!reader.AtEnd)
        {
            (int field, int type) = reader.ReadTag();
            switch (field)
            {
                case 1 when type == 2:
                    var meta = new WireReader(reader.ReadBytes());
                    while (!meta.AtEnd)
                    {
                        (int name, int metaType) = meta.ReadTag();
                        if (metaType != 2)
                        {
                            meta.Skip(metaType);
                            continue;
                        }

                        string text = System.Text.Encoding.UTF8.GetString(meta.ReadBytes());
                        if (name == 1)
                        {
                            apiVersion = text;
                        }
                        else if (name == 2)
                        {
                            kind = text;
                        }
                    }

                    break;
                case 2 when type == 2:
                    content = reader.ReadBytes().ToArray();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (apiVersion, kind, content);
    }

    /// <summary>What stands behind an object's content: no encoding and no type of it.</summary>
    public static ReadOnlySpan<byte> Tail => [0x1a, 0, 0x22, 0];

    /// <summary>What stands before an object's content of a length.</summary>
    public static byte[] Head(GroupVersionKind kind, long length)
    {
        var head = new WireWriter();
        int meta = head.Begin(1);
        head.Text(1, kind.ApiVersion);
        head.Text(2, kind.Kind);
        head.End(meta);
        head.BeginBytes(2, length);
        return [.. Magic, .. head.Written];
    }

    /// <summary>Frames an object's content.</summary>
    public static byte[] Close(GroupVersionKind kind, ReadOnlySpan<byte> content) => [.. Head(kind, content.Length), .. content, .. Tail];
}
