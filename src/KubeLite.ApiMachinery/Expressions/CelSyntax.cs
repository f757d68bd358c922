using System.Text;

namespace KubeLite.ApiMachinery.Expressions;

/// <summary>
/// Says whether an expression follows the grammar of the Common Expression Language, and reports what doesn't in the words of the
/// parser that Kubernetes uses (cel-go over ANTLR). It knows neither types nor names: an expression that is in order here may still
/// mean nothing.
/// </summary>
public sealed class CelSyntax
{
    private const int MaxDepth = 250;

    private static readonly CelTokenKind[] s_operand =
    [
        CelTokenKind.LeftBracket, CelTokenKind.LeftBrace, CelTokenKind.LeftParenthesis, CelTokenKind.Dot, CelTokenKind.Minus,
        CelTokenKind.Exclamation,
        CelTokenKind.True, CelTokenKind.False, CelTokenKind.Null, CelTokenKind.Float, CelTokenKind.Integer, CelTokenKind.Unsigned,
        CelTokenKind.Text,
        CelTokenKind.Bytes, CelTokenKind.Identifier,
    ];

    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
        "var", "void", "while",
    };

    private readonly string _text;
    private readonly List<(int Offset, string Message)> _faults = [];
    private readonly List<(int Offset, string Message)> _names = [];
    private readonly List<CelToken> _tokens;
    private int _at;
    private int _depth;

    // Until the next token fits, what is wrong follows from what was reported.
    private bool _recovering;

    private CelSyntax(string text)
    {
        _text = text;
        _tokens = CelLexer.Read(text, (offset, unknown) => _faults.Add((offset, $"Syntax error: token recognition error at: '{unknown}'")));
    }

    private CelToken Now => _tokens[_at];

    private CelToken Then => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    /// <summary>Checks an expression.</summary>
    /// <returns>What is wrong, each fault with its place and its line; null where nothing is.</returns>
    public static string? Check(string expression)
    {
        var syntax = new CelSyntax(expression);
        syntax.Whole();
        List<(int Offset, string Message)> faults = syntax._faults.Count > 0 ? syntax._faults : syntax._names;
        return faults.Count == 0 ? null : string.Join("\n", faults.Select(f => syntax.Show(f.Offset, f.Message)));
    }

    /// <summary>True where an expression names a variable; a field or method of that name doesn't count.</summary>
    public static bool Names(string expression, string variable)
    {
        List<CelToken> tokens = CelLexer.Read(expression, static (_, _) => { });
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == CelTokenKind.Identifier && tokens[i].Text == variable
                && (i == 0 || tokens[i - 1].Kind != CelTokenKind.Dot))
            {
                return true;
            }
        }

        return false;
    }

    private string Show(int offset, string message)
    {
        int start = offset == 0 ? 0 : _text.LastIndexOf('\n', offset - 1) + 1;
        int end = _text.IndexOf('\n', start);
        int line = _text.AsSpan(0, start).Count('\n') + 1, column = Characters(start, offset);
        var shown = new StringBuilder();
        shown.Append("ERROR: <input>:").Append(line).Append(':').Append(column + 1).Append(": ").Append(message);
        shown.Append("\n | ").Append(_text, start, (end < 0 ? _text.Length : end) - start).Append("\n | ").Append('.', column).Append('^');
        return shown.ToString();
    }

    private int Characters(int start, int end)
    {
        int count = 0;
        foreach (Rune _ in _text.AsSpan(start, end - start).EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private void Whole()
    {
        try
        {
            Expression();
            if (Now.Kind != CelTokenKind.End)
            {
                Report($"{(Then.Kind == CelTokenKind.End ? "extraneous" : "mismatched")} input '{Now.Text}' expecting <EOF>");
            }
        }
        catch (TooDeepException)
        {
            _faults.Add((Now.Offset, $"expression recursion limit exceeded: {MaxDepth}"));
        }
    }

    private void Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw new TooDeepException();
        }

        Operations();
        if (Now.Kind == CelTokenKind.Question)
        {
            Take();
            Operations();
            Close(CelTokenKind.Colon, mayBeMissing: false);
            Expression();
        }

        _depth--;
    }

    /// <summary>Operands with binary operators between them: which binds closer makes no difference to what is in order.</summary>
    private void Operations()
    {
        Operand(s_operand);
        while (Now.Kind is CelTokenKind.Equals or CelTokenKind.NotEquals or CelTokenKind.In or CelTokenKind.Less or
            CelTokenKind.LessEquals or
            CelTokenKind.GreaterEquals or CelTokenKind.Greater or CelTokenKind.And or CelTokenKind.Or or CelTokenKind.Minus or
            CelTokenKind.Plus or
            CelTokenKind.Star or CelTokenKind.Slash or CelTokenKind.Percent)
        {
            Take();
            Operand(s_operand);
        }
    }

    private void Operand(ReadOnlySpan<CelTokenKind> expected)
    {
        CelTokenKind sign = Now.Kind;
        if (sign is CelTokenKind.Exclamation or CelTokenKind.Minus)
        {
            while (Now.Kind == sign)
            {
                Take();
            }

            expected = sign == CelTokenKind.Minus ? Without(CelTokenKind.Exclamation) : s_operand;
        }

        if (!expected.Contains(Now.Kind))
        {
            bool extra = expected.Contains(Then.Kind);
            Report($"{(extra ? "extraneous" : "mismatched")} input '{Now.Text}' expecting {List(expected)}");
            if (!extra)
            {
                Skip();
                return;
            }

            _at++;
        }

        Primary();
        Members();
    }

    private void Primary()
    {
        switch (Now.Kind)
        {
            case CelTokenKind.LeftParenthesis:
                Take();
                Expression();
                Close(CelTokenKind.RightParenthesis, mayBeMissing: true);
                break;
            case CelTokenKind.LeftBracket:
                Take();
                Items(CelTokenKind.RightBracket, entries: false);
                break;
            case CelTokenKind.LeftBrace:
                Take();
                Items(CelTokenKind.RightBrace, entries: true);
                break;
            case CelTokenKind.Minus:
                Take();
                Take();
                break;
            case CelTokenKind.Dot or CelTokenKind.Identifier:
                if (Now.Kind == CelTokenKind.Dot)
                {
                    Take();
                }

                if (Now.Kind == CelTokenKind.Identifier && s_reserved.Contains(Now.Text))
                {
                    _names.Add((Now.Offset, $"reserved identifier: {Now.Text}"));
                }

                if (Close(CelTokenKind.Identifier, mayBeMissing: false) && Now.Kind == CelTokenKind.LeftParenthesis)
                {
                    Take();
                    Arguments();
                }

                break;
            default:
                Take();
                break;
        }
    }

    private void Members()
    {
        while (true)
        {
            switch (Now.Kind)
            {
                case CelTokenKind.Dot:
                    CelToken dot = Now;
                    Take();
                    if (Now.Kind == CelTokenKind.Question)
                    {
                        Take();
                    }

                    if (Now.Kind is not (CelTokenKind.Identifier or CelTokenKind.Escaped))
                    {
                        int end = Now.Kind == CelTokenKind.End ? dot.Offset + 1 : Now.Offset + Now.Text.Length;
                        Report($"no viable alternative at input '{_text[dot.Offset..end]}'");
                        Skip();
                        return;
                    }

                    Take();
                    if (Now.Kind == CelTokenKind.LeftParenthesis)
                    {
                        Take();
                        Arguments();
                    }

                    break;
                case CelTokenKind.LeftBracket:
                    Take();
                    Optional();
                    Expression();
                    Close(CelTokenKind.RightBracket, mayBeMissing: true);
                    break;
                case CelTokenKind.LeftBrace:
                    Take();
                    Items(CelTokenKind.RightBrace, entries: true);
                    break;
                default:
                    return;
            }
        }
    }

    private void Arguments()
    {
        if (Now.Kind != CelTokenKind.RightParenthesis)
        {
            First(CelTokenKind.RightParenthesis);
            while (Now.Kind == CelTokenKind.Comma)
            {
                Take();
                Expression();
            }
        }

        Close(CelTokenKind.RightParenthesis, mayBeMissing: true);
    }

    /// <summary>The items of a list or the entries of a map or message, and the bracket behind them.</summary>
    private void Items(CelTokenKind close, bool entries)
    {
        bool first = true;
        while (Now.Kind != close && Now.Kind != CelTokenKind.End)
        {
            if (Now.Kind == CelTokenKind.Comma && Then.Kind == close)
            {
                Take();
                break;
            }

            Optional();
            if (first && Now.Kind != CelTokenKind.Escaped)
            {
                First(close, CelTokenKind.Comma, CelTokenKind.Question);
            }
            else if (Now.Kind == CelTokenKind.Escaped)
            {
                Take();
            }
            else
            {
                Expression();
            }

            first = false;
            if (entries)
            {
                Close(CelTokenKind.Colon, mayBeMissing: false);
                Expression();
            }

            if (Now.Kind != CelTokenKind.Comma)
            {
                break;
            }

            if (Then.Kind != close)
            {
                Take();
            }
        }

        if (Now.Kind == CelTokenKind.Comma)
        {
            Take();
        }

        if (Now.Kind == close)
        {
            Take();
            return;
        }

        if (first)
        {
            First(close, CelTokenKind.Comma, CelTokenKind.Question);
            return;
        }

        bool extra = Then.Kind == close;
        Report($"{(extra ? "extraneous" : "mismatched")} input '{Now.Text}' expecting {List([close, CelTokenKind.Comma])}");
        _at += extra ? 2 : 0;
    }

    /// <summary>An expression where something else might stand as well.</summary>
    private void First(params ReadOnlySpan<CelTokenKind> others)
    {
        if (s_operand.Contains(Now.Kind))
        {
            Expression();
            return;
        }

        CelTokenKind[] expected = [.. s_operand, .. others];
        Array.Sort(expected);
        Operand(expected);
    }

    private void Optional()
    {
        if (Now.Kind == CelTokenKind.Question)
        {
            Take();
        }
    }

    /// <summary>Takes a token that must come.</summary>
    /// <returns>True where it came or is taken to have come.</returns>
    private bool Close(CelTokenKind kind, bool mayBeMissing)
    {
        if (Now.Kind == kind)
        {
            Take();
            return true;
        }

        string name = CelToken.NameOf(kind);
        if (Then.Kind == kind)
        {
            Report($"extraneous input '{Now.Text}' expecting {name}");
            _at++;
            Take();
            return true;
        }

        Report(
            mayBeMissing && Now.Kind == CelTokenKind.End
                ? $"missing {name} at '{Now.Text}'"
                : $"mismatched input '{Now.Text}' expecting {name}");
        return false;
    }

    private void Take()
    {
        _recovering = false;
        _at += Now.Kind == CelTokenKind.End ? 0 : 1;
    }

    private void Report(string message)
    {
        if (!_recovering)
        {
            _recovering = true;
            _faults.Add((Now.Offset, "Syntax error: " + message));
        }
    }

    /// <summary>Leaves out tokens until one that can stand behind an operand.</summary>
    private void Skip()
    {
        while (Now.Kind != CelTokenKind.End && (s_operand.Contains(Now.Kind) || Now.Kind == CelTokenKind.Escaped)
            && Now.Kind != CelTokenKind.Minus)
        {
            _at++;
        }
    }

    private static CelTokenKind[] Without(CelTokenKind kind) => [.. s_operand.Where(k => k != kind)];

    private static string List(ReadOnlySpan<CelTokenKind> kinds)
    {
        var sorted = kinds.ToArray();
        Array.Sort(sorted);
        return "{" + string.Join(", ", sorted.Select(CelToken.NameOf)) + "}";
    }

    private sealed class TooDeepException : Exception;
}
