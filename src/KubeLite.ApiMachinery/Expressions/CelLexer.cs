using System.Text.RegularExpressions;

namespace KubeLite.ApiMachinery.Expressions;

/// <summary>Takes an expression apart into tokens (the lexical part of the CEL specification).</summary>
internal static partial class CelLexer
{
    private static readonly (string Text, CelTokenKind Kind)[] s_signs =
    [
        ("==", CelTokenKind.Equals), ("!=", CelTokenKind.NotEquals), ("<=", CelTokenKind.LessEquals), (">=", CelTokenKind.GreaterEquals),
        ("&&", CelTokenKind.And), ("||", CelTokenKind.Or), ("<", CelTokenKind.Less), (">", CelTokenKind.Greater),
        ("[", CelTokenKind.LeftBracket), ("]", CelTokenKind.RightBracket), ("{", CelTokenKind.LeftBrace), ("}", CelTokenKind.RightBrace),
        ("(", CelTokenKind.LeftParenthesis), (")", CelTokenKind.RightParenthesis), (".", CelTokenKind.Dot), (",", CelTokenKind.Comma),
        ("-", CelTokenKind.Minus), ("!", CelTokenKind.Exclamation), ("?", CelTokenKind.Question), (":", CelTokenKind.Colon),
        ("+", CelTokenKind.Plus), ("*", CelTokenKind.Star), ("/", CelTokenKind.Slash), ("%", CelTokenKind.Percent),
    ];

    /// <summary>The tokens, the last one being the end.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="fault">Called with the place and text of what begins no token.</param>
    public static List<CelToken> Read(string text, Action<int, string> fault)
    {
        var tokens = new List<CelToken>();
        int at = 0;
        while (at < text.Length)
        {
            int blank = Blank().Match(text, at) is { Success: true } space ? space.Length : 0;
            if (blank > 0)
            {
                at += blank;
                continue;
            }

            (CelTokenKind kind, int length) = Next(text, at);
            if (length == 0)
            {
                length = Unknown(text, at);
                fault(at, text.Substring(at, length));
            }
            else
            {
                tokens.Add(new(kind, text.Substring(at, length), at));
            }

            at += length;
        }

        tokens.Add(new(CelTokenKind.End, "<EOF>", text.Length));
        return tokens;
    }

    private static (CelTokenKind Kind, int Length) Next(string text, int at)
    {
        if (Literal().Match(text, at) is { Success: true } literal)
        {
            bool bytes = literal.Groups["prefix"].Value.AsSpan().IndexOfAny('b', 'B') >= 0;
            return (bytes ? CelTokenKind.Bytes : CelTokenKind.Text, literal.Length);
        }

        if (Number().Match(text, at) is { Success: true } number)
        {
            return (number.Groups["float"].Success ? CelTokenKind.Float : number.Groups["u"].Success
                ? CelTokenKind.Unsigned
                : CelTokenKind.Integer, number.Length);
        }

        if (Word().Match(text, at) is { Success: true } word)
        {
            return (word.Value switch
            {
                "true" => CelTokenKind.True,
                "false" => CelTokenKind.False,
                "null" => CelTokenKind.Null,
                "in" => CelTokenKind.In,
                ['`', ..] => CelTokenKind.Escaped,
                _ => CelTokenKind.Identifier,
            }, word.Length);
        }

        foreach ((string sign, CelTokenKind kind) in s_signs)
        {
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0)
            {
                return (kind, sign.Length);
            }
        }

        return (CelTokenKind.End, 0);
    }

    /// <summary>How much is skipped: a string that doesn't end goes with its line, half a sign with the character behind it.</summary>
    private static int Unknown(string text, int at)
    {
        if (text[at] is '\'' or '"')
        {
            int end = text.AsSpan(at).IndexOfAny('\n', '\r');
            return end < 0 ? text.Length - at : end;
        }

        return text[at] is '|' or '&' or '=' && at + 1 < text.Length ? 2 : 1;
    }

    [GeneratedRegex(@"\G(?:[\t \r\n\f]+|//[^\n]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(
        @"\G(?<prefix>[bB]?[rR]|[rR]?[bB]|)(?:(?<=[rR]|[rR][bB])(?:""""""[\s\S]*?""""""|'''[\s\S]*?'''|""[^""\n\r]*""|'[^'\n\r]*')|(?<![rR]|[rR][bB])(?:""""""(?:\\[\s\S]|[^\\])*?""""""|'''(?:\\[\s\S]|[^\\])*?'''|""(?:\\.|[^\\""\n\r])*""|'(?:\\.|[^\\'\n\r])*'))",
        RegexOptions.CultureInvariant)]
    private static partial Regex Literal();

    [GeneratedRegex(
        @"\G(?:(?<float>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|(?:0x[0-9a-fA-F]+|\d+)(?<u>[uU])?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\G(?:[A-Za-z_][A-Za-z0-9_]*|`[A-Za-z0-9_.\-/ ]+`)", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
