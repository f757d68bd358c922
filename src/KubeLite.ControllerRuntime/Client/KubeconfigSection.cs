using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>One mapping of a kubeconfig file; settings that nobody asks for don't matter.</summary>
internal sealed class KubeconfigSection
{
    private readonly YamlMappingNode _settings;

    private KubeconfigSection(YamlMappingNode settings) => _settings = settings;

    /// <summary>The whole file.</summary>
    /// <exception cref="KubeconfigException">It isn't YAML, or holds no mapping.</exception>
    internal static KubeconfigSection Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new KubeconfigException($"The kubeconfig isn't valid YAML: {e.Message}");
        }
        return stream.Documents is [{ RootNode: var root }, ..] && !IsNull(root)
            ? Of("file", root)
            : throw new KubeconfigException("The kubeconfig is empty.");
    }

    /// <summary>A setting's text; null where it is absent or null.</summary>
    /// <exception cref="KubeconfigException">It is a mapping or a list.</exception>
    internal string? Text(string name) => Find(name) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new KubeconfigException($"The kubeconfig's {name} must be a text."),
    };

    /// <summary>Whether a setting is true; false where it is absent.</summary>
    /// <exception cref="KubeconfigException">It is neither true nor false.</exception>
    internal bool Flag(string name) => Text(name) switch
    {
        null or "false" or "False" or "FALSE" => false,
        "true" or "True" or "TRUE" => true,
        var other => throw new KubeconfigException($"The kubeconfig's {name} must be true or false, not '{other}'."),
    };

    /// <summary>A mapping inside this one; null where it is absent.</summary>
    /// <exception cref="KubeconfigException">It is something else.</exception>
    internal KubeconfigSection? Section(string name) => Find(name) is { } node ? Of(name, node) : null;

    /// <summary>The first entry of a list whose name is this; null where there is none.</summary>
    /// <exception cref="KubeconfigException">The list is something else, or has other entries than mappings.</exception>
    internal KubeconfigSection? Named(string list, string? name)
    {
        if (Find(list) is not { } node)
        {
            return null;
        }
        if (node is not YamlSequenceNode entries)
        {
            throw new KubeconfigException($"The kubeconfig's {list} must be a list.");
        }
        foreach (var entry in entries)
        {
            var section = Of(list, entry);
            if (section.Text("name") == name)
            {
                return section;
            }
        }
        return null;
    }

    private static KubeconfigSection Of(string name, YamlNode node) => node is YamlMappingNode settings
        ? new KubeconfigSection(settings)
        : throw new KubeconfigException($"The kubeconfig's {name} must hold settings.");

    private YamlNode? Find(string name) =>
        _settings.Children.TryGetValue(new YamlScalarNode(name), out var node) && !IsNull(node) ? node : null;

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };
}
