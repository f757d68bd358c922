using System.Globalization;
using System.IO.Compression;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// What <c>kubectl explain</c> says of types and fields, and OpenAPI of parameters: the XML documentation of the KubernetesClient package,
/// of which the build makes a compressed list (OpenApi/TypeDescriptions.targets). Read when it is first asked for and held only as long
/// as documents are being made.
/// </summary>
public sealed class TypeDescriptions
{
    /// <summary>What the list has for the end of a line within a text.</summary>
    private const char ParagraphBreak = '\v';

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Reads the documentation.</summary>
    public static TypeDescriptions Load()
    {
        var descriptions = new TypeDescriptions();
        using Stream? stream = typeof(TypeDescriptions).Assembly.GetManifestResourceStream("type-descriptions.gz");
        if (stream is null)
        {
            return descriptions;
        }

        using var text = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        while (text.ReadLine() is string line)
        {
            int tab = line.IndexOf('\t');
            descriptions._texts.TryAdd(line[..tab], line[(tab + 1)..].Replace(ParagraphBreak, '\n'));
        }

        return descriptions;
    }

    /// <summary>What a type is; null where nothing is said.</summary>
    public string? OfType(Schema schema) => Classes(schema).Select(c => _texts.GetValueOrDefault(c)).FirstOrDefault(t => t is not null);

    /// <summary>What a field is; null where nothing is said.</summary>
    public string? OfField(Schema schema, string field)
    {
        string property = Property(field);
        return Classes(schema)
            // C#'s own words are called otherwise: ReadOnlyProperty, BoolValue.
            .SelectMany(c => ((string[])[$"{c}.{property}", $"{c}.{property}Property", $"{c}.{property}Value"]))
            .Select(p => _texts.GetValueOrDefault(p))
            .FirstOrDefault(t => t is not null);
    }

    /// <summary>What a parameter of a request does; null where nothing is said.</summary>
    /// <param name="owner">Where parameters of one name differ: <c>Patch</c>, <c>PodExec</c>; empty for none.</param>
    /// <param name="name">The parameter's name.</param>
    public string? OfParameter(string owner, string name) =>
        _texts.GetValueOrDefault($"{owner}({name})") ?? _texts.GetValueOrDefault($"({name})");

    private static IEnumerable<string> Classes(Schema schema)
    {
        if (schema.TypeName is not { } name)
        {
            yield break;
        }

        string[] parts = name.Split('.');
        string kind = parts[^1], version = parts[^2], group = parts[^3];
        string prefix = char.ToUpper(version[0], CultureInfo.InvariantCulture) + version[1..];
        yield return prefix + kind;
        // Kinds of one name in several groups carry the group: Corev1Event.
        yield return char.ToUpper(group[0], CultureInfo.InvariantCulture) + group[1..] + version + kind;
    }

    private static string Property(string field) =>
        string.Concat(
            field.TrimStart('$', '_').Split('-').Select(word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
