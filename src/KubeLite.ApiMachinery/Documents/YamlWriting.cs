using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Writes documents as YAML: members in order of their names, text quoted where YAML 1.1 would read something else.</summary>
public static class YamlWriting
{
    /// <summary>The value as UTF-8 YAML text.</summary>
    public static byte[] ToBytes(object? value) => Encoding.UTF8.GetBytes(ToText(value));

    /// <summary>The value as YAML text.</summary>
    public static string ToText(object? value)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(
            text,
            new EmitterSettings(
                2, int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true, indentSequences: false));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, object? value)
    {
        switch (value)
        {
            case JsonMap map:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, member) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    Text(emitter, key);
                    Write(emitter, member);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonList list:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (object? item in list)
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case string text:
                Text(emitter, text);
                break;
            default:
                emitter.Emit(new Scalar(null, null, Plain(value), ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static string Plain(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        _ => Encoding.UTF8.GetString(JsonWriting.ToBytes(value)),
    };

    private static void Text(Emitter emitter, string text)
    {
        ScalarStyle style = ScalarStyle.Plain;
        if (text.Contains('\n', StringComparison.Ordinal))
        {
            style = ScalarStyle.Literal;
        }
        else if (NeedsQuotes(text))
        {
            style = ScalarStyle.DoubleQuoted;
        }

        emitter.Emit(new Scalar(null, null, text, style, isPlainImplicit: style == ScalarStyle.Plain, isQuotedImplicit: true));
    }

    private static bool NeedsQuotes(string text)
    {
        if (text.Length == 0)
        {
            return true;
        }

        try
        {
            return YamlReading.Read(text) is not string read || read != text;
        }
        catch (JsonSyntaxException)
        {
            return true;
        }
    }
}
