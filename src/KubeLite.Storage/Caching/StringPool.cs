using System.Text;

namespace KubeLite.Storage.Caching;

/// <summary>Shares equal short strings (namespaces, label keys and values, field values) between entries. Fixed size: a string that
/// meets another in its place replaces it, so it can't grow. Safe for concurrent use; a lost race only loses sharing.</summary>
internal sealed class StringPool
{
    private const int Size = 16384;
    private const int MaxLength = 128;

    private readonly string?[] _slots = new string?[Size];

    public string Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return "";
        }

        if (text.Length > MaxLength)
        {
            return text.ToString();
        }

        uint hash = 2166136261;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        ref string? slot = ref _slots[Place(hash)];
        string? pooled = slot;
        return pooled is not null && text.SequenceEqual(pooled) ? pooled : slot = text.ToString();
    }

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        if (utf8.Length > MaxLength || !Ascii.IsValid(utf8))
        {
            return Encoding.UTF8.GetString(utf8);
        }

        uint hash = 2166136261;
        foreach (byte b in utf8)
        {
            hash = (hash ^ b) * 16777619;
        }

        ref string? slot = ref _slots[Place(hash)];
        string? pooled = slot;
        return pooled is not null && Ascii.Equals(utf8, pooled) ? pooled : slot = Encoding.ASCII.GetString(utf8);
    }

    private static int Place(uint hash) => (int)((hash ^ (hash >> 15)) & (Size - 1));
}
