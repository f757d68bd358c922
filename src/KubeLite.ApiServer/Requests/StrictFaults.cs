namespace KubeLite.ApiServer.Requests;

/// <summary>Members that are unknown or stand twice, as errors and as warnings (apiserver's handlers/rest.go, v0.36).</summary>
public static class StrictFaults
{
    private const string YamlErrors = "yaml: unmarshal errors:\n";

    /// <summary>One fault of all the keys that stand twice in a YAML text.</summary>
    public static string OfYaml(IEnumerable<string> lines) => YamlErrors + string.Join("\n", lines.Select(l => "  " + l));

    /// <summary>Warns of each; of YAML's, line by line.</summary>
    public static void Warn(ApiRequest request, IEnumerable<string> faults)
    {
        foreach (string fault in faults)
        {
            if (!fault.StartsWith(YamlErrors, StringComparison.Ordinal))
            {
                request.Warn(fault);
                continue;
            }

            foreach (string line in fault[YamlErrors.Length..].Split('\n'))
            {
                request.Warn(line.Trim());
            }
        }
    }
}
