using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Follows the paths of rules and selectable fields through a schema (apiextensions' <c>schema/cel/validation.go</c> of v1.36).
/// </summary>
internal static class SchemaPath
{
    private const string Nowhere = "does not refer to a valid field", Ends = "unexpected end of JSON path";

    /// <summary>The schema that a path leads to, or what is wrong with the path.</summary>
    /// <param name="schema">The schema to start from.</param>
    /// <param name="path">Names after dots, or quoted in brackets.</param>
    /// <param name="brackets">True where brackets may be used.</param>
    public static (JsonMap? Found, string? Fault) Resolve(JsonMap schema, string path, bool brackets)
    {
        List<string> tokens = [.. Tokens(path)];
        JsonMap current = schema;
        for (int i = 0; i < tokens.Count; i++)
        {
            bool quoted = tokens[i] == "[";
            if (quoted && !brackets)
            {
                return (null, "array notation is not allowed");
            }

            if (!quoted && tokens[i] != ".")
            {
                return (null, "expected [ or . but got: " + tokens[i]);
            }

            if (++i >= tokens.Count)
            {
                return (null, Ends);
            }

            string name = tokens[i];
            if (quoted)
            {
                if (name.Length < 2 || name[0] != '\'' || name[^1] != '\'')
                {
                    return (null, "expected single quoted string but got " + name);
                }

                name = name[1..^1].Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
            }

            JsonMap? next = current.Map("properties") is { } properties ? properties.Map(name) : current.Map("additionalProperties");
            if (next is null)
            {
                return (null, Nowhere);
            }

            current = next;
            if (quoted && (++i >= tokens.Count || tokens[i] != "]"))
            {
                return (null, i >= tokens.Count ? Ends : "expected ] but got " + tokens[i]);
            }
        }

        return (current, null);
    }

    /// <summary>Dots and brackets stand for themselves, outside of quotes.</summary>
    private static IEnumerable<string> Tokens(string path)
    {
        for (int start = 0; start < path.Length;)
        {
            int end = start + 1;
            if (path[start] == '\'')
            {
                while (end < path.Length && (path[end] != '\'' || path[end - 1] == '\\'))
                {
                    end++;
                }

                end = Math.Min(end + 1, path.Length);
            }
            else if (path[start] is not ('.' or '[' or ']'))
            {
                int at = path.AsSpan(end).IndexOfAny('.', '[', ']');
                end = at < 0 ? path.Length : end + at;
            }

            yield return path[start..end];
            start = end;
        }
    }
}
