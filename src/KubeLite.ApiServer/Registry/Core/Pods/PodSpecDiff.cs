using System.Text;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>The change of a spec as a unified diff with three lines around each change.</summary>
public static class PodSpecDiff
{
    private const int Context = 3;

    /// <summary>The diff of two specs.</summary>
    public static string Of(JsonMap before, JsonMap after)
    {
        string[] a = Lines(before), b = Lines(after);
        int start = 0;
        while (start < a.Length && start < b.Length && a[start] == b[start])
        {
            start++;
        }

        int endA = a.Length, endB = b.Length;
        while (endA > start && endB > start && a[endA - 1] == b[endB - 1])
        {
            endA--;
            endB--;
        }

        int from = Math.Max(0, start - Context);
        int toA = Math.Min(a.Length, endA + Context), toB = Math.Min(b.Length, endB + Context);
        var text = new StringBuilder($"@@ -{from + 1},{toA - from} +{from + 1},{toB - from} @@\n");
        Add(text, ' ', a, from, start);
        Add(text, '-', a, start, endA);
        Add(text, '+', b, start, endB);
        Add(text, ' ', a, endA, toA);
        return text.ToString();
    }

    private static string[] Lines(JsonMap spec) => Encoding.UTF8.GetString(JsonWriting.ToIndentedBytes(spec)).Split('\n');

    private static void Add(StringBuilder text, char mark, string[] lines, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            text.Append(mark).Append(lines[i]).Append('\n');
        }
    }
}
