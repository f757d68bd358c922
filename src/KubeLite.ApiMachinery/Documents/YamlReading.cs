using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Reads YAML into documents, with the scalars of YAML 1.1 as Kubernetes' YAML library reads them.</summary>
public static partial class YamlReading
{
    private const string InvalidEscape = "found invalid Unicode character escape code";

    /// <summary>Reads the first document of a text; null where it is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duplicates">Gets a sentence of Go's library for each key that stands twice:
    /// <c>line 3: key "a" already set in map</c>.</param>
    /// <exception cref="JsonSyntaxException">The text is no YAML.</exception>
    public static object? Read(string text, List<string>? duplicates = null)
    {
        foreach (object? document in ReadAll(text, duplicates))
        {
            return document;
        }

        return null;
    }

    /// <summary>Reads every document of a text.</summary>
    /// <exception cref="JsonSyntaxException">The text is no YAML.</exception>
    public static IEnumerable<object?> ReadAll(string text, List<string>? duplicates = null)
    {
        var documents = new List<object?>();
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            while (parser.TryConsume<DocumentStart>(out _))
            {
                documents.Add(Node(parser, new Dictionary<string, object?>(StringComparer.Ordinal), duplicates));
                parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException e)
        {
            throw new JsonSyntaxException($"yaml: line {Math.Max(1, e.Start.Line - 1)}: {GoMessage(e.Message)}");
        }

        catch (ArgumentOutOfRangeException)
        {
            // YamlDotNet's scanner lets halves of surrogate pairs through to where they are put together.
            throw new JsonSyntaxException($"yaml: line {parser.Current?.End.Line ?? 1}: {InvalidEscape}");
        }

        return documents;
    }

    private static object? Node(IParser parser, Dictionary<string, object?> anchors, List<string>? duplicates)
    {
        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out object? target)
                ? JsonValue.DeepCopy(target)
                : throw new JsonSyntaxException($"yaml: unknown anchor '{alias.Value.Value}' referenced");
        }

        object? value;
        AnchorName anchor;
        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            anchor = scalar.Anchor;
            value = Resolve(scalar);
        }
        else if (parser.TryConsume<SequenceStart>(out SequenceStart? sequence))
        {
            anchor = sequence.Anchor;
            var list = new JsonList();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Node(parser, anchors, duplicates));
            }

            value = list;
        }
        else
        {
            MappingStart mapping = parser.Consume<MappingStart>();
            anchor = mapping.Anchor;
            var map = new JsonMap();
            var merged = new List<JsonMap>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                string key = KeyText(Node(parser, anchors, duplicates));
                int line = (int)parser.Current!.Start.Line;
                object? member = Node(parser, anchors, duplicates);
                if (key == "<<")
                {
                    merged.AddRange(member is JsonList maps ? maps.Maps() : member is JsonMap one ? [one] : []);
                    continue;
                }

                if (map.ContainsKey(key))
                {
                    duplicates?.Add($"line {line}: key {JsonWriting.ToText(key)} already set in map");
                }

                map[key] = member;
            }

            foreach (JsonMap source in merged)
            {
                foreach (var (key, member) in source)
                {
                    if (!map.ContainsKey(key))
                    {
                        map[key] = member;
                    }
                }
            }

            value = map;
        }

        if (!anchor.IsEmpty)
        {
            anchors[anchor.Value] = value;
        }

        return value;
    }

    /// <summary>The parser's fault without the context it was met in, as Go's library says it.</summary>
    private static string GoMessage(string message)
    {
        int comma = message.StartsWith("While ", StringComparison.Ordinal) ? message.IndexOf(", ", StringComparison.Ordinal) : -1;
        string told = (comma < 0 ? message : message[(comma + 2)..]).TrimEnd('.');
        return told == "found invalid Unicode surrogates" ? InvalidEscape : told;
    }

    private static byte[] Binary(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new JsonSyntaxException("yaml: !!binary value contains invalid base64 data");
        }
    }

    private static string KeyText(object? key) => key switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        null => "null",
        _ => Convert.ToString(key, CultureInfo.InvariantCulture)!,
    };

    private static object? Resolve(Scalar scalar)
    {
        string text = scalar.Value;
        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
        {
            switch (scalar.Tag.Value)
            {
                case "tag:yaml.org,2002:str":
                    return text;
                case "tag:yaml.org,2002:binary":
                    return System.Text.Encoding.UTF8.GetString(Binary(text));
            }
        }
        else if (scalar.Style != ScalarStyle.Plain)
        {
            return text;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return true;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return false;
        }

        return char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.' ? Number(text) : text;
    }

    private static object Number(string text)
    {
        string plain = text.Replace("_", "", StringComparison.Ordinal);
        bool negative = plain.StartsWith('-');
        string digits = negative || plain.StartsWith('+') ? plain[1..] : plain;
        if (DecimalInteger().IsMatch(digits))
        {
            if (digits.Length > 1 && digits[0] == '0')
            {
                return OctalInteger().IsMatch(digits) ? Signed(Convert.ToInt64(digits, 8)) : Float();
            }

            return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n) ? (object)n : Float();
        }

        if (digits.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex))
        {
            return Signed(hex);
        }

        if (digits.StartsWith("0o", StringComparison.Ordinal) && OctalInteger().IsMatch(digits[2..]))
        {
            return Signed(Convert.ToInt64(digits[2..], 8));
        }

        if (digits.StartsWith("0b", StringComparison.Ordinal) && digits.Length > 2 && digits.AsSpan(2).IndexOfAnyExcept('0', '1') < 0)
        {
            return Signed(Convert.ToInt64(digits[2..], 2));
        }

        return FloatingPoint().IsMatch(plain) ? Float() : text;

        object Signed(long n) => negative ? -n : n;
        object Float() => double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) ? d : text;
    }

    [GeneratedRegex("^[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalInteger();

    [GeneratedRegex("^[0-7]+$", RegexOptions.CultureInvariant)]
    private static partial Regex OctalInteger();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex FloatingPoint();
}
