using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>Reads JSON paths by the grammar of client-go's <c>util/jsonpath/parser.go</c> of v1.36.</summary>
internal sealed partial class JsonPathParser
{
    private readonly string _text;
    private readonly List<JsonPath.Step> _steps = [];
    private int _at;

    private JsonPathParser(string text) => _text = text;

    /// <summary>The steps of a path; null where it is none.</summary>
    public static IReadOnlyList<JsonPath.Step>? Parse(string text)
    {
        var parser = new JsonPathParser(text);
        while (parser._at < text.Length)
        {
            if (!parser.Next())
            {
                return null;
            }
        }

        return parser._steps;
    }

    private static bool Ends(char c) => c is ' ' or '\t' or '\r' or '\n' or '.' or ',' or '[' or ']' or '$' or '@' or '{' or '}';

    private static bool IsWord(char c) => c == '_' || char.IsLetter(c) || char.IsDigit(c);

    private bool Next()
    {
        char c = _text[_at];
        if (string.CompareOrdinal(_text, _at, "[?(", 0, 3) == 0)
        {
            return Filter();
        }

        if (string.CompareOrdinal(_text, _at, "..", 0, 2) == 0)
        {
            _at += 2;
            bool twice = _steps is [.., JsonPath.Recursive];
            _steps.Add(new JsonPath.Recursive());
            if (_at < _text.Length && IsWord(_text[_at]))
            {
                Field();
            }

            return !twice;
        }

        switch (c)
        {
            case ' ' or '@' or '$':
                _at++;
                return true;
            case '[':
                return Array();
            case '"' or '\'':
                return Quote(c);
            case '.':
                _at++;
                Field();
                return true;
            case '+' or '-' or (>= '0' and <= '9'):
                return Number();
            default:
                return IsWord(c) && Word();
        }
    }

    private void Field()
    {
        int start = _at;
        while (_at < _text.Length && !Ends(_text[_at]))
        {
            _at += _text[_at] == '\\' ? 2 : 1;
        }

        _at = Math.Min(_at, _text.Length);
        string name = _text[start.._at];
        _steps.Add(name == "*" ? new JsonPath.Wildcard() : new JsonPath.Field(name.Replace("\\", "", StringComparison.Ordinal)));
    }

    private bool Word()
    {
        int start = _at;
        while (_at < _text.Length && !Ends(_text[_at]))
        {
            _at++;
        }

        string word = _text[start.._at];
        _steps.Add(word is "true" or "false" ? new JsonPath.Literal(word == "true") : new JsonPath.Unknown());
        return true;
    }

    private bool Number()
    {
        int start = _at;
        _at += _text[_at] is '+' or '-' ? 1 : 0;
        while (_at < _text.Length && (_text[_at] == '.' || char.IsAsciiDigit(_text[_at])))
        {
            _at++;
        }

        string number = _text[start.._at];
        object? value = long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
            : double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double fraction) ? fraction
            : null;
        if (value is not null)
        {
            _steps.Add(new JsonPath.Literal(value));
        }

        return value is not null;
    }

    private bool Quote(char quote)
    {
        int end = _at + 1;
        while (end < _text.Length && (_text[end] != quote || _text[end - 1] == '\\'))
        {
            end++;
        }

        if (end >= _text.Length)
        {
            return false;
        }

        _steps.Add(new JsonPath.Literal(Escape().Replace(_text[(_at + 1)..end], "$1")));
        _at = end + 1;
        return true;
    }

    private bool Array()
    {
        int end = _text.IndexOf(']', _at);
        if (end < 0)
        {
            return false;
        }

        string inside = _text[(_at + 1)..end];
        _at = end + 1;
        inside = inside == "*" ? ":" : inside;
        if (inside.Contains(','))
        {
            List<IReadOnlyList<JsonPath.Step>?> parts = [.. inside.Split(',').Select(p => Parse($"[{p.Trim(' ')}]"))];
            _steps.Add(new JsonPath.Union([.. parts.OfType<IReadOnlyList<JsonPath.Step>>()]));
            return !parts.Contains(null);
        }

        // A quoted name is read as a path of its own: dots part it unless they are escaped.
        if (inside is ['\'', .., '\''] && inside.Length >= 2 && !inside[1..^1].Contains('\''))
        {
            IReadOnlyList<JsonPath.Step>? named = Parse("." + inside[1..^1]);
            _steps.AddRange(named ?? []);
            return named is not null;
        }

        return Slice(inside);
    }

    private bool Slice(string inside)
    {
        Match match = Indexes().Match(inside);
        if (!match.Success)
        {
            return false;
        }

        int?[] indexes = new int?[3];
        for (int i = 0; i < indexes.Length; i++)
        {
            string digits = match.Groups[i + 1].Value.TrimStart(':');
            if (digits.Length > 0)
            {
                if (!int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
                {
                    return false;
                }

                indexes[i] = index;
            }
        }

        bool one = match.Groups[2].Length == 0;
        _steps.Add(new JsonPath.Slice(indexes[0], one ? (indexes[0] ?? 0) + 1 : indexes[1], indexes[2], one));
        return true;
    }

    private bool Filter()
    {
        int start = _at + 3, end = start;
        char quote = '\0';
        for (; end < _text.Length && (quote != '\0' || _text[end] != ')'); end++)
        {
            if (_text[end] is '"' or '\'' && (quote == '\0' || (quote == _text[end] && _text[end - 1] != '\\')))
            {
                quote = quote == '\0' ? _text[end] : '\0';
            }
        }

        if (end + 1 >= _text.Length || _text[end + 1] != ']')
        {
            return false;
        }

        string inside = _text[start..end];
        _at = end + 2;
        Match match = Comparison().Match(inside);
        IReadOnlyList<JsonPath.Step>? left = Parse(match.Success ? match.Groups[1].Value : inside);
        IReadOnlyList<JsonPath.Step>? right = match.Success ? Parse(match.Groups[3].Value) : [];
        _steps.Add(new JsonPath.Filter(left ?? [], match.Groups[2].Value, right ?? []));
        return left is not null && right is not null;
    }

    [GeneratedRegex(@"^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?\z")]
    private static partial Regex Indexes();

    [GeneratedRegex(@"^([^!<>=]+)([!<>=]+)(.+)\z")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
