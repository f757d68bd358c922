namespace KubeLite.ApiMachinery.Facts;

/// <summary>Reads <c>resources.facts</c> and <c>tables.facts</c>; docs/facts.md describes their form.</summary>
internal static class ResourceFactsReader
{
    private static readonly IReadOnlyList<TableColumn> s_defaultColumns =
    [
        new("Name", "string", "name", 0),
        new("Created At", "date", "", 0),
    ];

    public static IReadOnlyList<ResourceFacts> Read(TextReader text, IReadOnlyDictionary<string, IReadOnlyList<TableColumn>> tables)
    {
        var resources = new List<ResourceFacts>();
        string group = "", version = "";
        ResourceFacts? parent = null;
        using (text)
        {
            while (text.ReadLine() is string line)
            {
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                string[] parts = line.Trim().Split(' ');
                if (line[0] != ' ')
                {
                    (group, version) = Split(parts[0]);
                    continue;
                }

                Dictionary<string, string> options = parts[2..].Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
                bool sub = parts[0][0] == '/';
                (string kindGroup, string kindVersion) = options.TryGetValue("gv", out string? gv) ? Split(gv) : ("", "");
                string name = sub ? parent!.Name : parts[0];
                string[] list(string key) => options.TryGetValue(key, out string? v) ? v.Split(',') : [];
                var resource = new ResourceFacts
                {
                    Group = group,
                    Version = version,
                    Name = name,
                    Subresource = sub ? parts[0][1..] : "",
                    Kind = kindVersion.Length == 0 ? new(group, version, parts[1]) : new(kindGroup, kindVersion, parts[1]),
                    ResponseGroupVersion = (kindGroup, kindVersion),
                    Namespaced = sub ? parent!.Namespaced : options.ContainsKey("n"),
                    Singular = options.GetValueOrDefault("s", ""),
                    Verbs = list("v"),
                    ShortNames = list("sn"),
                    Categories = list("c"),
                    Columns = sub
                        ? []
                        : tables.GetValueOrDefault($"{(group.Length == 0 ? version : $"{group}/{version}")}/{name}", s_defaultColumns),
                };
                resources.Add(resource);
                if (!sub)
                {
                    parent = resource;
                }
            }
        }

        return resources;
    }

    public static IReadOnlyDictionary<string, IReadOnlyList<TableColumn>> ReadTables(TextReader text)
    {
        var tables = new Dictionary<string, IReadOnlyList<TableColumn>>(StringComparer.Ordinal);
        List<TableColumn>? columns = null;
        using (text)
        {
            while (text.ReadLine() is string line)
            {
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                if (line[0] != ' ')
                {
                    tables[line] = columns = [];
                    continue;
                }

                string[] parts = line[1..].Split('|');
                columns!.Add(new(parts[0], parts[1], parts[2], int.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        return tables;
    }

    private static (string Group, string Version) Split(string apiVersion)
    {
        int slash = apiVersion.IndexOf('/');
        return slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
    }
}
