using Google.Protobuf;
using Google.Protobuf.Reflection;
using KubeLite.ApiMachinery.Facts;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>The facts as a protobuf descriptor: what <c>protoc</c> would have made of Kubernetes' <c>.proto</c> files.</summary>
internal static class FactsDescriptor
{
    private const string Package = "facts";

    private static readonly Dictionary<ValueKind, DescriptorProto> s_special = new()
    {
        [ValueKind.Quantity] = Special("Quantity", ("string", 1, Type.String)),
        [ValueKind.IntOrString] = Special("IntOrString", ("type", 1, Type.Int64), ("intVal", 2, Type.Int32), ("strVal", 3, Type.String)),
        [ValueKind.Time] = Special("Time", ("seconds", 1, Type.Int64), ("nanos", 2, Type.Int32)),
        [ValueKind.MicroTime] = Special("MicroTime", ("seconds", 1, Type.Int64), ("nanos", 2, Type.Int32)),
        [ValueKind.Duration] = Special("Duration", ("duration", 1, Type.Int64)),
        [ValueKind.RawExtension] = Special("RawExtension", ("raw", 1, Type.Bytes)),
        [ValueKind.FieldsV1] = Special("FieldsV1", ("Raw", 1, Type.Bytes)),
        [ValueKind.Any] = Special("Any", ("raw", 1, Type.Bytes)),
    };

    /// <summary>
    /// The descriptors of all types by their names, but those of custom resource definitions: they have names that protobuf has not.
    /// </summary>
    public static IReadOnlyDictionary<string, MessageDescriptor> Make(ApiFacts facts)
    {
        var file = new FileDescriptorProto { Name = "facts.proto", Package = Package, Syntax = "proto2" };
        file.MessageType.AddRange(s_special.Values);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Schema schema) in facts.Types.Where(
            t => t.Value.Kind == ValueKind.Object && !t.Key.Contains(".apiextensions.", StringComparison.Ordinal)))
        {
            names[name] = MessageName(name);
            file.MessageType.Add(Message(MessageName(name), schema.Fields, 0, "." + Package));
        }

        FileDescriptor built = FileDescriptor.BuildFromByteStrings([file.ToByteString()])[0];
        Dictionary<string, MessageDescriptor> messages = built.MessageTypes.ToDictionary(m => m.Name);
        return names.ToDictionary(n => n.Key, n => messages[n.Value]);
    }

    private static string MessageName(string type) => type.Replace('.', '_').Replace('-', '_');

    private static DescriptorProto Special(string name, params (string Name, int Number, Type Type)[] fields)
    {
        var message = new DescriptorProto { Name = name };
        message.Field.AddRange(fields.Select(f => new FieldDescriptorProto
        {
            Name = f.Name,
            Number = f.Number,
            Type = f.Type,
            Label = FieldDescriptorProto.Types.Label.Optional,
        }));
        return message;
    }

    private static DescriptorProto Message(string name, IEnumerable<SchemaField> fields, int depth, string scope)
    {
        var message = new DescriptorProto { Name = name };
        string own = $"{scope}.{name}";
        foreach (IGrouping<int, SchemaField> group in fields.Where(f => f.WirePath.Count > depth).GroupBy(f => f.WirePath[depth]))
        {
            SchemaField first = group.First();
            if (first.WirePath.Count > depth + 1)
            {
                // An embedded message stands for its fields in JSON.
                string inline = $"Inline{group.Key}";
                message.NestedType.Add(Message(inline + "Type", group, depth + 1, own));
                message.Field.Add(new FieldDescriptorProto
                {
                    Name = inline,
                    Number = group.Key,
                    Type = Type.Message,
                    TypeName = $"{own}.{inline}Type",
                    Label = FieldDescriptorProto.Types.Label.Optional,
                });
                continue;
            }

            message.Field.Add(Field(message, own, first, group.Key));
        }

        return message;
    }

    private static FieldDescriptorProto Field(DescriptorProto message, string own, SchemaField field, int number)
    {
        Schema schema = field.Schema;
        bool repeated = schema.Kind is ValueKind.List or ValueKind.Map;
        var proto = new FieldDescriptorProto
        {
            Name = field.Name,
            Number = number,
            Label = repeated ? FieldDescriptorProto.Types.Label.Repeated : FieldDescriptorProto.Types.Label.Optional,
        };
        if (schema.Kind != ValueKind.Map)
        {
            Typed(proto, schema.Kind == ValueKind.List ? schema.Element! : schema);
            return proto;
        }

        var entry = new DescriptorProto
        {
            Name = char.ToUpperInvariant(field.Name[0]) + field.Name[1..] + "Entry",
            Options = new MessageOptions { MapEntry = true },
        };
        entry.Field.Add(
            new FieldDescriptorProto { Name = "key", Number = 1, Type = Type.String, Label = FieldDescriptorProto.Types.Label.Optional });
        var value = new FieldDescriptorProto { Name = "value", Number = 2, Label = FieldDescriptorProto.Types.Label.Optional };
        if (schema.Element!.Kind == ValueKind.List)
        {
            var items = new DescriptorProto { Name = field.Name + "Items" };
            var item = new FieldDescriptorProto { Name = "items", Number = 1, Label = FieldDescriptorProto.Types.Label.Repeated };
            Typed(item, schema.Element.Element!);
            items.Field.Add(item);
            message.NestedType.Add(items);
            value.Type = Type.Message;
            value.TypeName = $"{own}.{items.Name}";
        }
        else
        {
            Typed(value, schema.Element);
        }

        entry.Field.Add(value);
        message.NestedType.Add(entry);
        proto.Type = Type.Message;
        proto.TypeName = $"{own}.{entry.Name}";
        return proto;
    }

    private static void Typed(FieldDescriptorProto proto, Schema schema)
    {
        proto.Type = schema.Kind switch
        {
            ValueKind.String => Type.String,
            ValueKind.Int32 => Type.Int32,
            ValueKind.Int64 => Type.Int64,
            ValueKind.Boolean => Type.Bool,
            ValueKind.Double => Type.Double,
            ValueKind.Bytes => Type.Bytes,
            _ => Type.Message,
        };
        if (proto.Type == Type.Message)
        {
            proto.TypeName =
                $".{Package}.{(schema.Kind == ValueKind.Object ? MessageName(schema.TypeName!) : s_special[schema.Kind].Name)}";
        }
    }
}
