using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Shares the strings of member names: an object's names are the same few in every document.</summary>
internal static class NamePool
{
    private const int MaxLength = 64;
    private const int MaxNames = 8192;

    private static readonly ConcurrentDictionary<string, string> s_names = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_names.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Get(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped || reader.HasValueSequence || reader.ValueSpan.Length > MaxLength)
        {
            return reader.GetString()!;
        }

        Span<char> chars = stackalloc char[MaxLength];
        int length = Encoding.UTF8.GetChars(reader.ValueSpan, chars);
        ReadOnlySpan<char> name = chars[..length];
        if (s_lookup.TryGetValue(name, out string? pooled))
        {
            return pooled;
        }

        string made = name.ToString();
        // Names of a user's own (labels, data keys) may be many: the pool stops growing, it never forgets.
        return s_names.Count < MaxNames ? s_names.GetOrAdd(made, made) : made;
    }
}
