using System.Text;
using System.Text.Json;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Gives out one string for equal texts that come again soon, such as the keys of labels: what a cache holds thousands of times
/// is in memory once. It forgets by itself. Not thread-safe.
/// </summary>
internal sealed class StringPool
{
    private const int Size = 512;
    private const int MaxLength = 64;

    private readonly string?[] _strings = new string?[Size];

    /// <summary>The text of the string that the reader is at.</summary>
    internal string Read(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > MaxLength)
        {
            return reader.GetString()!;
        }
        var text = reader.ValueSpan;
        ref var place = ref _strings[Hash(text) & (Size - 1)];
        return place is { } known && Ascii.Equals(text, known) ? known : place = reader.GetString()!;
    }

    // FNV-1a: unlike HashCode it is the same in every process, so which texts push each other out is not left to chance.
    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = 2166136261u;
        foreach (var value in text)
        {
            hash = (hash ^ value) * 16777619u;
        }
        return hash ^ (hash >> 16);
    }
}
