using System.Text;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>
/// The Warning headers of an answer (RFC 7234 section 5.5), within the bounds that Kubernetes v1.36 keeps (endpoints/filters/warning).
/// </summary>
public static class WarningHeaders
{
    private const int MostRunes = 4 * 1024;
    private const int MostRunesOfOne = 256;

    /// <summary>
    /// Adds a header for each warning. Where all of them come to more than 4,096 characters each is cut to 256, and what is
    /// beyond is left out.
    /// </summary>
    public static void Write(HttpResponse response, IReadOnlyList<string> warnings)
    {
        int whole = 0;
        foreach (string warning in warnings)
        {
            whole += Sendable(warning) ? Runes(warning) : 0;
        }

        int written = 0;
        foreach (string warning in warnings)
        {
            // What can't stand in a header isn't sent.
            if (!Sendable(warning))
            {
                continue;
            }

            string text = whole > MostRunes ? Cut(warning) : warning;
            if (whole > MostRunes && written >= MostRunes)
            {
                return;
            }

            written += Runes(text);
            response.Headers.Append("Warning", $"299 - {Quote(text)}");
        }
    }

    private static bool Sendable(string warning) => !warning.Any(c => char.IsControl(c) && c != '\n');

    private static int Runes(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private static string Cut(string text)
    {
        int count = 0, length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (count++ == MostRunesOfOne)
            {
                return text[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    private static string Quote(string text) =>
        '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", " ", StringComparison.Ordinal) + '"';
}
