using System.Globalization;
using System.Text.Json;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Reads an object's metadata (meta/v1 <c>ObjectMeta</c>) but for its managed fields, which are a third of an object and nobody
/// who watches wants. Not thread-safe.
/// </summary>
internal sealed class MetadataReader(StringPool strings)
{
    /// <summary>Reads it; the reader is at its first token and left at its last. Null gives empty metadata.</summary>
    /// <exception cref="JsonException">It isn't metadata.</exception>
    internal V1ObjectMeta Read(ref Utf8JsonReader reader)
    {
        var metadata = new V1ObjectMeta();
        if (!Begins(ref reader, JsonTokenType.StartObject))
        {
            return metadata;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader, metadata);
        }
        return metadata;
    }

    private void ReadMember(ref Utf8JsonReader reader, V1ObjectMeta metadata)
    {
        if (Is(ref reader, "name"u8))
        {
            metadata.Name = Text(ref reader);
        }
        else if (Is(ref reader, "namespace"u8))
        {
            metadata.NamespaceProperty = Pooled(ref reader);
        }
        else if (Is(ref reader, "uid"u8))
        {
            metadata.Uid = Text(ref reader);
        }
        else if (Is(ref reader, "resourceVersion"u8))
        {
            metadata.ResourceVersion = Text(ref reader);
        }
        else if (Is(ref reader, "labels"u8))
        {
            metadata.Labels = Map(ref reader, poolValues: true);
        }
        else if (Is(ref reader, "annotations"u8))
        {
            metadata.Annotations = Map(ref reader, poolValues: false);
        }
        else if (Is(ref reader, "ownerReferences"u8))
        {
            metadata.OwnerReferences = Owners(ref reader);
        }
        else if (Is(ref reader, "finalizers"u8))
        {
            metadata.Finalizers = Texts(ref reader);
        }
        else if (Is(ref reader, "creationTimestamp"u8))
        {
            metadata.CreationTimestamp = Time(ref reader);
        }
        else if (Is(ref reader, "deletionTimestamp"u8))
        {
            metadata.DeletionTimestamp = Time(ref reader);
        }
        else if (Is(ref reader, "deletionGracePeriodSeconds"u8))
        {
            metadata.DeletionGracePeriodSeconds = Number(ref reader);
        }
        else if (Is(ref reader, "generation"u8))
        {
            metadata.Generation = Number(ref reader);
        }
        else if (Is(ref reader, "generateName"u8))
        {
            metadata.GenerateName = Pooled(ref reader);
        }
        else if (Is(ref reader, "selfLink"u8))
        {
            metadata.SelfLink = Text(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private List<V1OwnerReference>? Owners(ref Utf8JsonReader reader)
    {
        if (!Begins(ref reader, JsonTokenType.StartArray))
        {
            return null;
        }
        var owners = new List<V1OwnerReference>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Unexpected(reader.TokenType);
            }
            var owner = new V1OwnerReference();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadMember(ref reader, owner);
            }
            owners.Add(owner);
        }
        return owners;
    }

    private void ReadMember(ref Utf8JsonReader reader, V1OwnerReference owner)
    {
        if (Is(ref reader, "apiVersion"u8))
        {
            owner.ApiVersion = Pooled(ref reader);
        }
        else if (Is(ref reader, "kind"u8))
        {
            owner.Kind = Pooled(ref reader);
        }
        else if (Is(ref reader, "name"u8))
        {
            owner.Name = Pooled(ref reader);
        }
        else if (Is(ref reader, "uid"u8))
        {
            owner.Uid = Pooled(ref reader);
        }
        else if (Is(ref reader, "controller"u8))
        {
            owner.Controller = Flag(ref reader);
        }
        else if (Is(ref reader, "blockOwnerDeletion"u8))
        {
            owner.BlockOwnerDeletion = Flag(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private Dictionary<string, string>? Map(ref Utf8JsonReader reader, bool poolValues)
    {
        if (!Begins(ref reader, JsonTokenType.StartObject))
        {
            return null;
        }
        var map = new Dictionary<string, string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = strings.Read(ref reader);
            map[key] = (poolValues ? Pooled(ref reader) : Text(ref reader))!;
        }
        return map;
    }

    private List<string>? Texts(ref Utf8JsonReader reader)
    {
        if (!Begins(ref reader, JsonTokenType.StartArray))
        {
            return null;
        }
        var texts = new List<string>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(reader.TokenType == JsonTokenType.String ? strings.Read(ref reader) : throw Unexpected(reader.TokenType));
        }
        return texts;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name);

    /// <summary>Goes on to a value, unless it is that already; false for null.</summary>
    private static bool Begins(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
        }
        return reader.TokenType == expected || (reader.TokenType == JsonTokenType.Null ? false : throw Unexpected(reader.TokenType));
    }

    private static string? Text(ref Utf8JsonReader reader) => Begins(ref reader, JsonTokenType.String) ? reader.GetString() : null;

    private string? Pooled(ref Utf8JsonReader reader) => Begins(ref reader, JsonTokenType.String) ? strings.Read(ref reader) : null;

    private static long? Number(ref Utf8JsonReader reader) => Begins(ref reader, JsonTokenType.Number) ? reader.GetInt64() : null;

    private static bool? Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => null,
            var other => throw Unexpected(other),
        };
    }

    private static DateTime? Time(ref Utf8JsonReader reader)
    {
        if (Text(ref reader) is not { } text)
        {
            return null;
        }
        return DateTime.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new JsonException($"'{text}' is not an RFC 3339 time.");
    }

    private static JsonException Unexpected(JsonTokenType token) => new($"{token} is not expected in an object's metadata.");
}
