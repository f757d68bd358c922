using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiMachinery.Selectors;

/// <summary>Parses the text of a label selector; its faults have the words of Kubernetes' parser.</summary>
internal sealed class LabelSelectorParser
{
    private enum Token { Identifier, Comma, Open, Close, Equal, DoubleEqual, NotEqual, Greater, Less, Not, In, NotIn, End, Error }

    private readonly List<(Token Token, string Text)> _tokens = [];
    private int _at;

    public LabelSelectorParser(string text) => Scan(text);

    public LabelSelector Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (true)
        {
            (Token token, string text) = Peek(values: true);
            switch (token)
            {
                case Token.Identifier or Token.Not:
                    try
                    {
                        requirements.Add(Requirement());
                    }
                    catch (SelectorException e)
                    {
                        throw new SelectorException("unable to parse requirement: " + e.Message);
                    }

                    (Token after, string afterText) = Next(values: true);
                    if (after == Token.End)
                    {
                        return new LabelSelector(requirements);
                    }

                    if (after != Token.Comma)
                    {
                        throw new SelectorException($"found '{afterText}', expected: ',' or 'end of string'");
                    }

                    (Token following, string followingText) = Peek(values: true);
                    if (following is not (Token.Identifier or Token.Not))
                    {
                        throw new SelectorException($"found '{followingText}', expected: identifier after ','");
                    }

                    break;
                case Token.End:
                    return new LabelSelector(requirements);
                default:
                    throw new SelectorException($"found '{text}', expected: !, identifier, or 'end of string'");
            }
        }
    }

    private LabelRequirement Requirement()
    {
        (Token token, string key) = Next(values: true);
        bool not = token == Token.Not;
        if (not)
        {
            (token, key) = Next(values: true);
        }

        if (token != Token.Identifier)
        {
            throw new SelectorException($"found '{key}', expected: identifier");
        }

        string fault = string.Join("; ", NameRules.QualifiedName(key));
        if (fault.Length > 0)
        {
            throw new SelectorException(
                FieldError.Invalid(FieldPath.Of("key"), key, fault).ToString().Replace("key: ", "<nil>: ", StringComparison.Ordinal));
        }

        Token ahead = Peek(values: true).Token;
        if (not || ahead is Token.End or Token.Comma)
        {
            return new(key, not ? SelectorOperator.DoesNotExist : SelectorOperator.Exists, []);
        }

        (Token op, string opText) = Next(values: false);
        switch (op)
        {
            case Token.In or Token.NotIn:
                return Checked(new(
                    key, op == Token.In ? SelectorOperator.In : SelectorOperator.NotIn,
                    [.. Values().Distinct().Order(StringComparer.Ordinal)]));
            case Token.Equal or Token.DoubleEqual:
                return Checked(new(key, SelectorOperator.In, [ExactValue()]));
            case Token.NotEqual:
                return Checked(new(key, SelectorOperator.NotIn, [ExactValue()]));
            case Token.Greater or Token.Less:
                string number = ExactValue();
                return long.TryParse(number, out _)
                    ? new(key, op == Token.Greater ? SelectorOperator.GreaterThan : SelectorOperator.LessThan, [number])
                    : throw new SelectorException(
                        $"values[0][{key}]: Invalid value: {FieldError.GoQuote(number)}: for 'Gt', 'Lt' operators, the value must be an integer");
            default:
                throw new SelectorException($"found '{opText}', expected: in, notin, =, ==, !=, gt, lt");
        }
    }

    private static LabelRequirement Checked(LabelRequirement requirement)
    {
        for (int i = 0; i < requirement.Values.Count; i++)
        {
            string fault = string.Join("; ", NameRules.LabelValue(requirement.Values[i]));
            if (fault.Length > 0)
            {
                throw new SelectorException(
                    $"values[{i}][{requirement.Key}]: Invalid value: {FieldError.GoQuote(requirement.Values[i])}: {fault}");
            }
        }

        return requirement;
    }

    private string ExactValue()
    {
        if (Peek(values: true).Token is Token.End or Token.Comma)
        {
            return "";
        }

        (Token token, string text) = Next(values: true);
        return token == Token.Identifier ? text : throw new SelectorException($"found '{text}', expected: identifier");
    }

    private List<string> Values()
    {
        (Token token, string text) = Next(values: true);
        if (token != Token.Open)
        {
            throw new SelectorException($"found '{text}' expected: '('");
        }

        (token, text) = Peek(values: true);
        if (token == Token.Close)
        {
            Next(values: true);
            return [""];
        }

        if (token is not (Token.Identifier or Token.Comma))
        {
            throw new SelectorException($"found '{text}', expected: ',', ')' or identifier");
        }

        var values = new List<string>();
        while (true)
        {
            (token, text) = Next(values: true);
            switch (token)
            {
                case Token.Identifier:
                    values.Add(text);
                    (Token after, string afterText) = Peek(values: true);
                    if (after == Token.Close)
                    {
                        Next(values: true);
                        return values;
                    }

                    if (after != Token.Comma)
                    {
                        throw new SelectorException($"found '{afterText}', expected: ',' or ')'");
                    }

                    break;
                case Token.Comma:
                    (Token next, _) = Peek(values: true);
                    if (values.Count == 0)
                    {
                        values.Add("");
                    }

                    if (next == Token.Close)
                    {
                        values.Add("");
                        Next(values: true);
                        return values;
                    }

                    if (next == Token.Comma)
                    {
                        Next(values: true);
                        values.Add("");
                    }

                    break;
                default:
                    throw new SelectorException($"found '{text}', expected: ',', or identifier");
            }
        }
    }

    private (Token Token, string Text) Peek(bool values) => Seen(_tokens[_at], values);

    private (Token Token, string Text) Next(bool values)
    {
        (Token, string) token = Seen(_tokens[_at], values);
        if (_at < _tokens.Count - 1)
        {
            _at++;
        }

        return token;
    }

    /// <summary>Where a key or value stands, in and notin are plain identifiers.</summary>
    private static (Token Token, string Text) Seen((Token Token, string Text) token, bool values) =>
        values && token.Token is Token.In or Token.NotIn ? (values ? Token.Identifier : token.Token, token.Text) : token;

    private void Scan(string text)
    {
        int i = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                i++;
            }
            else if ("=!(),><".Contains(c))
            {
                string two = i + 1 < text.Length ? text.Substring(i, 2) : "";
                (Token, string) token = two switch
                {
                    "==" => (Token.DoubleEqual, two),
                    "!=" => (Token.NotEqual, two),
                    _ => c switch
                    {
                        '=' => (Token.Equal, "="),
                        '!' => (Token.Not, "!"),
                        '(' => (Token.Open, "("),
                        ')' => (Token.Close, ")"),
                        ',' => (Token.Comma, ","),
                        '>' => (Token.Greater, ">"),
                        _ => (Token.Less, "<"),
                    },
                };
                _tokens.Add(token);
                i += token.Item2.Length;
            }
            else
            {
                int start = i;
                while (i < text.Length && !"=!(),>< \t\r\n".Contains(text[i]))
                {
                    i++;
                }

                string word = text[start..i];
                _tokens.Add(word switch
                {
                    "in" => (Token.In, word),
                    "notin" => (Token.NotIn, word),
                    _ => (Token.Identifier, word),
                });
            }
        }

        _tokens.Add((Token.End, ""));
    }
}
