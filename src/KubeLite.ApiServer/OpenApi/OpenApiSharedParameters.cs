using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// Moves the parameters of a v2 document to one place, where operations refer to them by name (kube-openapi's builder/parameters.go).
/// Those stay that kubectl looks for in operations, and those that are of one kind.
/// </summary>
internal static class OpenApiSharedParameters
{
    /// <summary>Moves them.</summary>
    /// <param name="paths">The paths, which are changed.</param>
    /// <returns>The parameters by name.</returns>
    public static JsonMap Extract(JsonMap paths)
    {
        var shared = new SortedDictionary<string, JsonMap>(StringComparer.Ordinal);
        foreach (var (_, item) in paths)
        {
            Extract((JsonMap)item!, shared);
            foreach (var (_, operation) in (JsonMap)item!)
            {
                if (operation is JsonMap map)
                {
                    Extract(map, shared);
                }
            }
        }

        var all = new JsonMap(shared.Count);
        foreach (var (name, parameter) in shared)
        {
            all.Append(name, parameter);
        }

        return all;
    }

    private static void Extract(JsonMap owner, SortedDictionary<string, JsonMap> shared)
    {
        if (owner.List("parameters") is not { } parameters)
        {
            return;
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            var parameter = (JsonMap)parameters[i]!;
            if (IsShared(parameter))
            {
                string name = $"{parameter.String("name")}-{Hash(JsonWriting.ToBytes(parameter))}";
                shared.TryAdd(name, parameter);
                parameters[i] = new JsonMap { { "$ref", "#/parameters/" + name } };
            }
        }
    }

    private static bool IsShared(JsonMap parameter) => (parameter.String("in"), parameter.String("name")) switch
    {
        (_, "name") => false,
        ("query", "fieldValidation" or "dryRun") => false,
        ("body", _) =>
            parameter.Map("schema")?.String("$ref")?.StartsWith("#/definitions/io.k8s.apimachinery", StringComparison.Ordinal) == true,
        _ => true,
    };

    /// <summary>Six bytes of the 64-bit FNV-1 hash, in Base64 for URLs.</summary>
    private static string Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes)
        {
            hash = unchecked(hash * 1099511628211) ^ b;
        }

        Span<byte> big = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(big, hash);
        return System.Buffers.Text.Base64Url.EncodeToString(big[..6]);
    }
}
