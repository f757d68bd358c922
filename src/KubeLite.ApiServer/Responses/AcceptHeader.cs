using System.Collections.Concurrent;

namespace KubeLite.ApiServer.Responses;

/// <summary>An Accept header, taken apart. Clients send the same few again and again: those are taken apart once.</summary>
internal sealed class AcceptHeader
{
    // Anyone can send any header, so only so many are kept.
    private const int MaxKept = 256, MaxKeptLength = 512;

    private static readonly string[] s_types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
    private static readonly ConcurrentDictionary<string, AcceptHeader> s_kept = new(StringComparer.Ordinal);

    private readonly AcceptClause[] _clauses;

    private AcceptHeader(string text)
    {
        _clauses = [.. AcceptClause.Parse(text)];
        TakesRoute = Array.Exists(
            text.Split(','), clause => clause.Split(';')[0].Trim() is var type && (type == "*/*" || s_types.Contains(type)));
    }

    /// <summary>Its clauses in the order in which they are tried.</summary>
    public ReadOnlySpan<AcceptClause> Clauses => _clauses;

    /// <summary>Whether go-restful would call a handler of a built-in kind: one of the route's types is named, parameters and other
    /// wildcards aside.</summary>
    public bool TakesRoute { get; }

    /// <summary>Takes a header apart.</summary>
    public static AcceptHeader Of(string text)
    {
        if (s_kept.TryGetValue(text, out AcceptHeader? kept))
        {
            return kept;
        }

        var header = new AcceptHeader(text);
        if (text.Length <= MaxKeptLength && s_kept.Count < MaxKept)
        {
            s_kept.TryAdd(text, header);
        }

        return header;
    }
}
