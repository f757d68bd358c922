using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace KubeLite.Storage.Caching;

/// <summary>The labels of one object: small, immutable, in the order they were written.</summary>
public sealed class LabelSet : IReadOnlyDictionary<string, string>
{
    /// <summary>No labels.</summary>
    public static readonly LabelSet Empty = new([]);

    // Key and value alternate: one array instead of two or of a dictionary per object.
    private readonly string[] _pairs;

    internal LabelSet(string[] pairs)
    {
        _pairs = pairs;
    }

    /// <inheritdoc />
    public int Count => _pairs.Length / 2;

    /// <inheritdoc />
    public IEnumerable<string> Keys => this.Select(pair => pair.Key);

    /// <inheritdoc />
    public IEnumerable<string> Values => this.Select(pair => pair.Value);

    /// <inheritdoc />
    public string this[string key] =>
        TryGetValue(key, out string? value) ? value : throw new KeyNotFoundException($"no label {key}");

    /// <inheritdoc />
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        string[] pairs = _pairs;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (string.Equals(pairs[i], key, StringComparison.Ordinal))
            {
                value = pairs[i + 1];
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (int i = 0; i < _pairs.Length; i += 2)
        {
            yield return new KeyValuePair<string, string>(_pairs[i], _pairs[i + 1]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool HasPairs(List<string> pairs) => pairs.Count == _pairs.Length && pairs.SequenceEqual(_pairs);
}
