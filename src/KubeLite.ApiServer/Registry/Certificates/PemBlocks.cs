using System.Text;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>The blocks of a PEM text, also those with headers, which .NET's reader does not know.</summary>
internal static class PemBlocks
{
    private const string Begin = "-----BEGIN ", End = "-----END ", Tail = "-----";

    /// <summary>What base64 in JSON stands for; empty where it is none.</summary>
    public static string Bytes(string? base64)
    {
        try
        {
            return Encoding.UTF8.GetString(System.Convert.FromBase64String(base64 ?? ""));
        }
        catch (FormatException)
        {
            return "";
        }
    }

    /// <summary>The well-formed blocks in order; what stands between them is skipped.</summary>
    public static IEnumerable<PemBlock> Of(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (!line.StartsWith(Begin, StringComparison.Ordinal) || !line.EndsWith(Tail, StringComparison.Ordinal))
            {
                continue;
            }

            string label = line[Begin.Length..^Tail.Length];
            int end = Array.FindIndex(lines, i + 1, l => l.TrimEnd() == End + label + Tail);
            if (end < 0)
            {
                continue;
            }

            string[] body = lines[(i + 1)..end];
            int headers = body.TakeWhile(l => l.Contains(':', StringComparison.Ordinal)).Count();
            if (Decoded(string.Concat(body[headers..])) is { } bytes)
            {
                yield return new(label, headers > 0, bytes);
                i = end;
            }
        }
    }

    private static byte[]? Decoded(string base64)
    {
        try
        {
            return System.Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
