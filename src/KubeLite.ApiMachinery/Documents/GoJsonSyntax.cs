using System.Globalization;
using System.Text;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Says of a malformed JSON text what Go's scanner says of it, since clients show that text.</summary>
public static class GoJsonSyntax
{
    private enum State { Value, ValueOrEnd, Name, NameOrEnd, Colon, AfterMember, AfterItem, End }

    /// <summary>The message for the first fault; "unexpected end of JSON input" where the text stops too early.</summary>
    public static string Describe(ReadOnlySpan<byte> text)
    {
        var open = new Stack<bool>();
        var state = State.Value;
        int i = 0;
        while (i < text.Length)
        {
            byte c = text[i];
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                i++;
                continue;
            }

            switch (state)
            {
                case State.ValueOrEnd when c == ']':
                    Close(open, ref state);
                    i++;
                    break;
                case State.Value or State.ValueOrEnd:
                    if (c == '{')
                    {
                        open.Push(true);
                        state = State.NameOrEnd;
                        i++;
                    }
                    else if (c == '[')
                    {
                        open.Push(false);
                        state = State.ValueOrEnd;
                        i++;
                    }
                    else if (ScanScalar(text, ref i) is string fault)
                    {
                        return fault;
                    }
                    else
                    {
                        state = Next(open);
                    }

                    break;
                case State.NameOrEnd when c == '}':
                    Close(open, ref state);
                    i++;
                    break;
                case State.Name or State.NameOrEnd:
                    if (c != '"')
                    {
                        return Fault(text, i, "looking for beginning of object key string");
                    }

                    if (ScanString(text, ref i) is string inName)
                    {
                        return inName;
                    }

                    state = State.Colon;
                    break;
                case State.Colon:
                    if (c != ':')
                    {
                        return Fault(text, i, "after object key");
                    }

                    state = State.Value;
                    i++;
                    break;
                case State.AfterMember:
                    if (c == ',')
                    {
                        state = State.Name;
                        i++;
                    }
                    else if (c == '}')
                    {
                        Close(open, ref state);
                        i++;
                    }
                    else
                    {
                        return Fault(text, i, "after object key:value pair");
                    }

                    break;
                case State.AfterItem:
                    if (c == ',')
                    {
                        state = State.Value;
                        i++;
                    }
                    else if (c == ']')
                    {
                        Close(open, ref state);
                        i++;
                    }
                    else
                    {
                        return Fault(text, i, "after array element");
                    }

                    break;
                default:
                    return Fault(text, i, "after top-level value");
            }
        }

        return "unexpected end of JSON input";
    }

    private static State Next(Stack<bool> open) =>
        open.Count == 0 ? State.End : open.Peek() ? State.AfterMember : State.AfterItem;

    private static void Close(Stack<bool> open, ref State state)
    {
        open.Pop();
        state = Next(open);
    }

    private static string? ScanScalar(ReadOnlySpan<byte> text, ref int i)
    {
        byte c = text[i];
        if (c == '"')
        {
            return ScanString(text, ref i);
        }

        if (c is (byte)'t' or (byte)'f' or (byte)'n')
        {
            ReadOnlySpan<byte> word = c == 't' ? "true"u8 : c == 'f' ? "false"u8 : "null"u8;
            for (int k = 1; k < word.Length; k++)
            {
                if (i + k >= text.Length)
                {
                    i = text.Length;
                    return null;
                }

                if (text[i + k] != word[k])
                {
                    return Fault(text, i + k, $"in literal {Encoding.ASCII.GetString(word)} (expecting {Quote((char)word[k])})");
                }
            }

            i += word.Length;
            return null;
        }

        if (c == '-' || char.IsAsciiDigit((char)c))
        {
            return ScanNumber(text, ref i);
        }

        return Fault(text, i, "looking for beginning of value");
    }

    private static string? ScanNumber(ReadOnlySpan<byte> text, ref int i)
    {
        if (text[i] == '-')
        {
            i++;
            if (i < text.Length && !char.IsAsciiDigit((char)text[i]))
            {
                return Fault(text, i, "in numeric literal");
            }
        }

        bool zero = i < text.Length && text[i] == '0';
        i++;
        while (!zero && i < text.Length && char.IsAsciiDigit((char)text[i]))
        {
            i++;
        }

        if (i < text.Length && text[i] == '.')
        {
            i++;
            if (i < text.Length && !char.IsAsciiDigit((char)text[i]))
            {
                return Fault(text, i, "after decimal point in numeric literal");
            }
        }

        while (i < text.Length && char.IsAsciiDigit((char)text[i]))
        {
            i++;
        }

        if (i < text.Length && text[i] is (byte)'e' or (byte)'E')
        {
            i++;
            if (i < text.Length && text[i] is (byte)'+' or (byte)'-')
            {
                i++;
            }

            if (i < text.Length && !char.IsAsciiDigit((char)text[i]))
            {
                return Fault(text, i, "in exponent of numeric literal");
            }

            while (i < text.Length && char.IsAsciiDigit((char)text[i]))
            {
                i++;
            }
        }

        return null;
    }

    private static string? ScanString(ReadOnlySpan<byte> text, ref int i)
    {
        for (i++; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == '"')
            {
                i++;
                return null;
            }

            if (c < 0x20)
            {
                return Fault(text, i, "in string literal");
            }

            if (c != '\\' || ++i >= text.Length)
            {
                continue;
            }

            if (text[i] == 'u')
            {
                for (int k = 0; k < 4 && ++i < text.Length; k++)
                {
                    if (!char.IsAsciiHexDigit((char)text[i]))
                    {
                        return Fault(text, i, @"in \u hexadecimal character escape");
                    }
                }
            }
            else if (!"\"\\/bfnrt"u8.Contains(text[i]))
            {
                return Fault(text, i, "in string escape code");
            }
        }

        return null;
    }

    private static string Fault(ReadOnlySpan<byte> text, int at, string where) =>
        $"invalid character {Quote((char)text[at])} {where}";

    private static string Quote(char c) => c switch
    {
        '\'' => @"'\''",
        '"' => "'\"'",
        '\n' => @"'\n'",
        '\r' => @"'\r'",
        '\t' => @"'\t'",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"'\\x{(int)c:x2}'"),
        _ => $"'{c}'",
    };
}
