using System.Text.Json.Nodes;

namespace KubeLite.Cli.Client;

/// <summary>One object of a manifest.</summary>
/// <param name="Object">The object as JSON.</param>
internal sealed record Manifest(JsonObject Object)
{
    /// <summary>The API version.</summary>
    public string ApiVersion => (string?)Object["apiVersion"] ?? "";

    /// <summary>The kind.</summary>
    public string Kind => (string?)Object["kind"] ?? "";

    /// <summary>The name.</summary>
    public string Name => (string?)Object["metadata"]?["name"] ?? "";

    /// <summary>The namespace; null when none is given.</summary>
    public string? Namespace => (string?)Object["metadata"]?["namespace"];

    /// <summary>Reads every object of the files, of standard input for <c>-</c>; lists are taken apart.</summary>
    /// <exception cref="CliException">A file is missing or is neither YAML nor JSON.</exception>
    public static List<Manifest> Read(IEnumerable<string> files)
    {
        var result = new List<Manifest>();
        foreach (var file in files)
        {
            foreach (var (name, text) in Texts(file))
            {
                foreach (var document in YamlText.Parse(name, text))
                {
                    Add(result, name, document);
                }
            }
        }

        return result.Count > 0 ? result : throw new CliException("error: no objects passed");
    }

    private static void Add(List<Manifest> result, string file, JsonObject document)
    {
        if (document["items"] is JsonArray items && ((string?)document["kind"])?.EndsWith("List", StringComparison.Ordinal) == true)
        {
            foreach (var item in items)
            {
                Add(result, file, (JsonObject)item!.DeepClone());
            }

            return;
        }

        var manifest = new Manifest(document);
        if (manifest.Kind.Length == 0 || manifest.ApiVersion.Length == 0)
        {
            throw new CliException($"error: {file}: an object has no kind or no apiVersion");
        }

        result.Add(manifest);
    }

    private static IEnumerable<(string Name, string Text)> Texts(string file)
    {
        if (file == "-")
        {
            return [("stdin", Console.In.ReadToEnd())];
        }

        if (Directory.Exists(file))
        {
            return Directory.EnumerateFiles(file)
                .Where(name => Path.GetExtension(name) is ".yaml" or ".yml" or ".json")
                .Order(StringComparer.Ordinal)
                .Select(name => (name, File.ReadAllText(name)));
        }

        return File.Exists(file)
            ? [(file, File.ReadAllText(file))]
            : throw new CliException($"error: the path \"{file}\" does not exist");
    }
}
