using System.Buffers.Text;
using System.Text.Json;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>
/// Goes through normalized JSON once and writes each value as it comes. Members in wire order, as the
/// <see cref="Normalizer"/> leaves them, give fields in wire order; any other order gives the same message to every reader.
/// </summary>
internal ref struct JsonTranscoder
{
    // An embedded struct's fields are one level further in; none of Kubernetes' is more than a few deep.
    private const int MaxEmbedding = 8;

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 512 };

    private readonly ReadOnlySpan<byte> _json;
    private readonly WireWriter _writer;
    private Utf8JsonReader _reader;

    /// <summary>Begins at the first value.</summary>
    public JsonTranscoder(ReadOnlySpan<byte> json, WireWriter writer)
    {
        _json = json;
        _writer = writer;
        _reader = new Utf8JsonReader(json, s_options);
        _reader.Read();
    }

    /// <summary>Writes the fields of the object that the reader is at; it is at the object's end afterwards.</summary>
    public void Object(Schema schema)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return;
        }

        ReadOnlySpan<SchemaField> fields = schema.FieldSpan;
        Span<(int Number, int Begun)> open = stackalloc (int, int)[MaxEmbedding];
        int depth = 0, next = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            SchemaField? field = Find(fields, ref next);
            _reader.Read();
            if (field is null || field.WirePath.Count == 0 || _reader.TokenType == JsonTokenType.Null)
            {
                _reader.Skip();
                continue;
            }

            Embed(field.WirePath, open, ref depth);
            Field(field.WirePath[^1], field.Schema);
        }

        Close(open, ref depth, 0);
    }

    /// <summary>Opens and closes embedded messages until the one is open that the field belongs to.</summary>
    private readonly void Embed(IReadOnlyList<int> path, Span<(int Number, int Begun)> open, ref int depth)
    {
        int same = 0;
        while (same < depth && same < path.Count - 1 && open[same].Number == path[same])
        {
            same++;
        }

        Close(open, ref depth, same);
        for (; depth < path.Count - 1; depth++)
        {
            open[depth] = (path[depth], _writer.Begin(path[depth]));
        }
    }

    private readonly void Close(Span<(int Number, int Begun)> open, ref int depth, int until)
    {
        while (depth > until)
        {
            _writer.End(open[--depth].Begun);
        }
    }

    /// <summary>Members mostly stand in the order of the fields: each is looked for behind the last one.</summary>
    private SchemaField? Find(ReadOnlySpan<SchemaField> fields, ref int next)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            int at = next + i < fields.Length ? next + i : next + i - fields.Length;
            if (_reader.ValueTextEquals(fields[at].Utf8Name))
            {
                next = at + 1;
                return fields[at];
            }
        }

        return null;
    }

    private void Field(int number, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.List when _reader.TokenType == JsonTokenType.StartArray:
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    Value(number, schema.Element!);
                }

                break;
            case ValueKind.Map when _reader.TokenType == JsonTokenType.StartObject:
                while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
                {
                    Entry(number, schema.Element!);
                }

                break;
            case ValueKind.List or ValueKind.Map:
                _reader.Skip();
                break;
            default:
                Value(number, schema);
                break;
        }
    }

    private void Entry(int number, Schema element)
    {
        int entry = _writer.Begin(number);
        Text(1);
        _reader.Read();
        if (element.Kind == ValueKind.List)
        {
            int list = _writer.Begin(2);
            Field(1, element);
            _writer.End(list);
        }
        else
        {
            Value(2, element);
        }

        _writer.End(entry);
    }

    private void Value(int number, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.String:
                Text(number);
                break;
            case ValueKind.Int32 or ValueKind.Int64:
                _writer.Integer(number, Integer());
                break;
            case ValueKind.Boolean:
                _writer.Integer(number, _reader.TokenType == JsonTokenType.True ? 1 : 0);
                break;
            case ValueKind.Double:
                _writer.Double(number, _reader.TokenType == JsonTokenType.Number ? _reader.GetDouble() : 0);
                break;
            case ValueKind.Bytes:
                _writer.Bytes(number, _reader.TokenType == JsonTokenType.String ? _reader.GetBytesFromBase64() : []);
                break;
            default:
                int begun = _writer.Begin(number);
                Message(schema);
                _writer.End(begun);
                return;
        }

        _reader.Skip();
    }

    private void Message(Schema schema)
    {
        bool text = _reader.TokenType == JsonTokenType.String;
        switch (schema.Kind)
        {
            case ValueKind.Object:
                Object(schema);
                return;
            case ValueKind.Quantity:
                if (text)
                {
                    Text(1);
                }
                else
                {
                    _writer.Text(1, "0");
                }

                break;
            case ValueKind.IntOrString:
                _writer.Integer(1, text ? 1 : 0);
                _writer.Integer(2, Integer());
                Text(3);
                break;
            case ValueKind.Time or ValueKind.MicroTime:
                if (text)
                {
                    Time();
                }

                break;
            case ValueKind.Duration:
                _writer.Integer(1, GoDurationText.Parse(text ? _reader.GetString()! : ""));
                break;
            case ValueKind.RawExtension or ValueKind.FieldsV1:
                Raw(1);
                break;
            default:
                Union(schema);
                return;
        }

        _reader.Skip();
    }

    /// <summary>The values of apiextensions that are one thing or another in JSON and messages of their own in protobuf.</summary>
    private void Union(Schema schema)
    {
        bool map = _reader.TokenType == JsonTokenType.StartObject;
        switch (SchemaUnions.ShapeOf(schema))
        {
            case SchemaUnionShape.PropsOrBool:
                _writer.Integer(1, _reader.TokenType == JsonTokenType.False ? 0 : 1);
                if (map)
                {
                    Props(2);
                }

                break;
            case SchemaUnionShape.PropsOrList when map:
                Props(1);
                break;
            case SchemaUnionShape.PropsOrList when _reader.TokenType == JsonTokenType.StartArray:
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    if (_reader.TokenType == JsonTokenType.StartObject)
                    {
                        Props(2);
                    }
                    else
                    {
                        Text(2);
                    }
                }

                break;
            default:
                Raw(1);
                break;
        }
    }

    private void Props(int number)
    {
        int begun = _writer.Begin(number);
        Object(SchemaUnions.Props());
        _writer.End(begun);
    }

    private readonly long Integer() => _reader.TokenType != JsonTokenType.Number ? 0
        : _reader.TryGetInt64(out long value) ? value
        : (long)_reader.GetDouble();

    private readonly void Text(int number)
    {
        if (_reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            _writer.Text(number, "");
        }
        else if (_reader.ValueIsEscaped)
        {
            _writer.Text(number, _reader.GetString()!);
        }
        else
        {
            _writer.Bytes(number, _reader.ValueSpan);
        }
    }

    private readonly void Time()
    {
        if (!TryCanonicalTime(_reader.ValueSpan, out DateTimeOffset time) && !ApiTime.TryParse(_reader.GetString(), out time))
        {
            return;
        }

        _writer.Integer(1, time.ToUnixTimeSeconds());
        _writer.Integer(2, time.Ticks % TimeSpan.TicksPerSecond * 100);
    }

    /// <summary>Reads a time in the form in which it is always stored, without the cost of the others.</summary>
    private static bool TryCanonicalTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text is not [_, _, _, _, (byte)'-', _, _, (byte)'-', _, _, (byte)'T', _, _, (byte)':', _, _, (byte)':', _, _, (byte)'Z'] ||
            !TryNumber(text[..4], out int year) || !TryNumber(text[5..7], out int month) || !TryNumber(text[8..10], out int day) ||
            !TryNumber(text[11..13], out int hour) || !TryNumber(text[14..16], out int minute) ||
            !TryNumber(text[17..19], out int second) ||
            year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59
                || second > 59)
        {
            return false;
        }

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number) =>
        Utf8Parser.TryParse(digits, out number, out int read) && read == digits.Length && digits[0] is not ((byte)'-' or (byte)'+');

    private void Raw(int number)
    {
        int start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        _writer.Bytes(number, _json[start..(int)_reader.BytesConsumed]);
    }
}
