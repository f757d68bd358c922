using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace KubeLite.ApiMachinery.Facts;

/// <summary>
/// The built-in types and resources of one version of the Kubernetes API. The facts ship in this assembly, a folder for
/// each version; <see cref="Load"/> reads one. Immutable and safe for use from many threads.
/// </summary>
public sealed class ApiFacts
{
    private static readonly Lazy<ApiFacts> s_newest = new(() => Load());

    private readonly Dictionary<string, Schema> _types;
    private readonly Dictionary<GroupVersionKind, Schema> _kinds = [];

    private ApiFacts(string version, Dictionary<string, Schema> types, IReadOnlyList<ResourceFacts> resources)
    {
        Version = version;
        _types = types;
        Resources = resources;
        foreach (Schema type in types.Values)
        {
            foreach (GroupVersionKind kind in type.Kinds)
            {
                // Several types serve the options and event kinds of every group: the first is as good as any.
                _kinds.TryAdd(kind, type);
            }
        }
    }

    /// <summary>The newest version that ships.</summary>
    public const string NewestVersion = "v1.36";

    /// <summary>The facts of the newest version, read on first use.</summary>
    public static ApiFacts Newest => s_newest.Value;

    /// <summary>The API's version: <c>v1.36</c>.</summary>
    public string Version { get; }

    /// <summary>Every served resource of every group and version, subresources among them.</summary>
    public IReadOnlyList<ResourceFacts> Resources { get; }

    /// <summary>Every type by its full name.</summary>
    public IReadOnlyDictionary<string, Schema> Types => _types;

    /// <summary>Reads the facts of a version.</summary>
    /// <exception cref="ArgumentException">No facts of that version ship.</exception>
    public static ApiFacts Load(string version = NewestVersion)
    {
        Dictionary<string, Schema> types = TypeFactsReader.Read(Open(version, "types.facts"));
        IReadOnlyDictionary<string, IReadOnlyList<TableColumn>> tables = ResourceFactsReader.ReadTables(Open(version, "tables.facts"));
        return new ApiFacts(version, types, ResourceFactsReader.Read(Open(version, "resources.facts"), tables));
    }

    /// <summary>The type of a full name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Schema Type(string name) => _types[name];

    /// <summary>Finds the type that serves a kind.</summary>
    public bool TryGetKind(GroupVersionKind kind, [NotNullWhen(true)] out Schema? schema) => _kinds.TryGetValue(kind, out schema);

    private static TextReader Open(string version, string name)
    {
        Assembly assembly = typeof(ApiFacts).Assembly;
        Stream? stream = assembly.GetManifestResourceStream($"facts/{version}/{name}");
        return stream is null
            ? throw new ArgumentException($"no facts of Kubernetes {version} ship with this build", nameof(version))
            : new StreamReader(stream);
    }
}
