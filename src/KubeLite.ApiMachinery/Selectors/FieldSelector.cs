using System.Text;

namespace KubeLite.ApiMachinery.Selectors;

/// <summary>One term of a field selector.</summary>
public readonly record struct FieldTerm(string Field, string Value, bool NotEqual);

/// <summary>A field selector: all terms must hold.</summary>
public sealed class FieldSelector
{
    /// <summary>Matches everything.</summary>
    public static readonly FieldSelector Everything = new([]);

    private FieldSelector(IReadOnlyList<FieldTerm> terms) => Terms = terms;

    /// <summary>The terms.</summary>
    public IReadOnlyList<FieldTerm> Terms { get; }

    /// <summary>True where there is nothing to meet.</summary>
    public bool IsEmpty => Terms.Count == 0;

    /// <summary>Reads a selector's text: <c>metadata.name=x,spec.nodeName!=y</c>, with backslashes before <c>, = \</c> in values.</summary>
    /// <exception cref="SelectorException">The text is none; the message is Kubernetes'.</exception>
    public static FieldSelector Parse(string text)
    {
        var terms = new List<FieldTerm>();
        foreach (string part in Split(text))
        {
            if (part.Length == 0)
            {
                continue;
            }

            (int at, int length) = Operator(part);
            if (at < 0)
            {
                throw new SelectorException($"invalid selector: '{text}'; can't understand '{part}'");
            }

            terms.Add(new(part[..at], Unescape(part[(at + length)..]), part[at] == '!'));
        }

        return terms.Count == 0 ? Everything : new FieldSelector(terms);
    }

    /// <summary>The selector's text.</summary>
    public override string ToString() => string.Join(",", Terms.Select(t => $"{t.Field}{(t.NotEqual ? "!=" : "=")}{t.Value}"));

    private static (int At, int Length) Operator(string part)
    {
        for (int i = 0; i < part.Length; i++)
        {
            if (part[i] == '!' && i + 1 < part.Length && part[i + 1] == '=')
            {
                return (i, 2);
            }

            if (part[i] == '=')
            {
                return (i, i + 1 < part.Length && part[i + 1] == '=' ? 2 : 1);
            }
        }

        return (-1, 0);
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        int start = 0;
        bool escaped = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (escaped)
            {
                escaped = false;
            }
            else if (text[i] == '\\')
            {
                escaped = true;
            }
            else if (text[i] == ',')
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static string Unescape(string value)
    {
        if (value.AsSpan().IndexOfAny('\\', ',', '=') < 0)
        {
            return value;
        }

        var text = new StringBuilder(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
            {
                if (++i >= value.Length)
                {
                    throw new SelectorException($"invalid field selector: found unescaped '\\' in value: {value}");
                }

                if (value[i] is not ('\\' or ',' or '='))
                {
                    throw new SelectorException($"invalid escape sequence: \\{value[i]}");
                }

                text.Append(value[i]);
            }
            else if (value[i] is ',' or '=')
            {
                throw new SelectorException($"unescaped character in field selector: {value[i]}");
            }
            else
            {
                text.Append(value[i]);
            }
        }

        return text.ToString();
    }
}
