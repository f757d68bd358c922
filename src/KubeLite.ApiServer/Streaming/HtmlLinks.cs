using System.Net;
using System.Text;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Finds the attributes of HTML that hold URLs and has them rewritten; every other byte stays as it is. Which attributes those
/// are is apimachinery's list (util/proxy, v1.36), how tags are found is the HTML standard's tokenizer (section 13.2.5) without its errors.
/// </summary>
public static class HtmlLinks
{
    private static readonly Dictionary<string, string[]> s_links = new(StringComparer.OrdinalIgnoreCase)
    {
        ["a"] = ["href"],
        ["applet"] = ["codebase"],
        ["area"] = ["href"],
        ["audio"] = ["src"],
        ["base"] = ["href"],
        ["blockquote"] = ["cite"],
        ["body"] = ["background"],
        ["button"] = ["formaction"],
        ["command"] = ["icon"],
        ["del"] = ["cite"],
        ["embed"] = ["src"],
        ["form"] = ["action"],
        ["frame"] = ["longdesc", "src"],
        ["head"] = ["profile"],
        ["html"] = ["manifest"],
        ["iframe"] = ["longdesc", "src"],
        ["img"] = ["longdesc", "src", "usemap"],
        ["input"] = ["src", "usemap", "formaction"],
        ["ins"] = ["cite"],
        ["link"] = ["href"],
        ["object"] = ["classid", "codebase", "data", "usemap"],
        ["q"] = ["cite"],
        ["script"] = ["src"],
        ["source"] = ["src"],
        ["video"] = ["poster", "src"],
    };

    // What stands in these is text, whatever it looks like.
    private static readonly HashSet<string> s_texts = new(StringComparer.OrdinalIgnoreCase)
        { "iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp" };

    /// <summary>Rewrites a page.</summary>
    /// <param name="page">The page; taken for UTF-8, as Kubernetes does.</param>
    /// <param name="rewrite">A link as it should be; null to leave it.</param>
    public static byte[] Rewrite(byte[] page, Func<string, string?> rewrite)
    {
        // A character for each byte: whatever isn't touched comes out as it went in.
        string html = Encoding.Latin1.GetString(page);
        var result = new StringBuilder(html.Length + 256);
        int copied = 0, at = 0;
        while ((at = html.IndexOf('<', at)) >= 0)
        {
            if (html.AsSpan(at).StartsWith("<!--"))
            {
                at = After(html, "-->", at + 4);
                continue;
            }

            if (at + 1 >= html.Length || !char.IsAsciiLetter(html[at + 1]))
            {
                // A closing tag, a declaration, or a sign that means nothing.
                at = at + 1 < html.Length && html[at + 1] is '/' or '!' or '?' ? After(html, ">", at + 1) : at + 1;
                continue;
            }

            int end = at + 1;
            while (end < html.Length && !IsSpace(html[end]) && html[end] is not ('/' or '>'))
            {
                end++;
            }

            string tag = html[(at + 1)..end];
            at = end;
            while (NextAttribute(html, ref at) is { } attribute)
            {
                if (s_links.TryGetValue(tag, out string[]? links) && links.Contains(attribute.Name, StringComparer.OrdinalIgnoreCase) &&
                    Replacement(html[attribute.Begin..attribute.End], rewrite) is { } value)
                {
                    bool quoted = attribute.Begin > 0 && html[attribute.Begin - 1] is '"' or '\'';
                    int from = quoted ? attribute.Begin - 1 : attribute.Begin, to = quoted ? attribute.End + 1 : attribute.End;
                    result.Append(html, copied, from - copied).Append('"').Append(value).Append('"');
                    copied = Math.Min(to, html.Length);
                }
            }

            if (s_texts.Contains(tag))
            {
                // A page that ends within its text has no more tags; plaintext has no end.
                int close = tag.Equals("plaintext", StringComparison.OrdinalIgnoreCase)
                    ? -1
                    : html.IndexOf("</" + tag, at, StringComparison.OrdinalIgnoreCase);
                at = close < 0 ? html.Length : close;
            }
        }

        return copied == 0 ? page : Encoding.Latin1.GetBytes(result.Append(html, copied, html.Length - copied).ToString());
    }

    /// <summary>A value as it should be, escaped, a character for each byte; null where it stays.</summary>
    private static string? Replacement(string value, Func<string, string?> rewrite)
    {
        string link = WebUtility.HtmlDecode(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value)));
        return rewrite(link) is { } rewritten && rewritten != link
            ? Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(WebUtility.HtmlEncode(rewritten)))
            : null;
    }

    /// <summary>
    /// The next attribute of a tag that has a value; null at the end of the tag, and <paramref name="at"/> is behind it then.
    /// </summary>
    private static (string Name, int Begin, int End)? NextAttribute(string html, ref int at)
    {
        while (true)
        {
            while (at < html.Length && (IsSpace(html[at]) || html[at] == '/'))
            {
                at++;
            }

            if (at >= html.Length || html[at] == '>')
            {
                at = Math.Min(at + 1, html.Length);
                return null;
            }

            int name = at++;
            while (at < html.Length && !IsSpace(html[at]) && html[at] is not ('/' or '>' or '='))
            {
                at++;
            }

            int behind = at;
            SkipSpaces(html, ref at);
            if (at >= html.Length || html[at] != '=')
            {
                at = behind;
                continue;
            }

            at++;
            SkipSpaces(html, ref at);
            if (at < html.Length && html[at] is '"' or '\'')
            {
                int begin = at + 1, end = html.IndexOf(html[at], begin);
                end = end < 0 ? html.Length : end;
                at = Math.Min(end + 1, html.Length);
                return (html[name..behind], begin, end);
            }

            int value = at;
            while (at < html.Length && !IsSpace(html[at]) && html[at] != '>')
            {
                at++;
            }

            return (html[name..behind], value, at);
        }
    }

    private static void SkipSpaces(string html, ref int at)
    {
        while (at < html.Length && IsSpace(html[at]))
        {
            at++;
        }
    }

    private static int After(string html, string end, int from)
    {
        int at = from < html.Length ? html.IndexOf(end, from, StringComparison.Ordinal) : -1;
        return at < 0 ? html.Length : at + end.Length;
    }

    private static bool IsSpace(char c) => c is ' ' or '\n' or '\r' or '\t' or '\f';
}
