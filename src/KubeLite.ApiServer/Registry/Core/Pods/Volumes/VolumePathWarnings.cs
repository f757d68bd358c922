using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Volumes;

/// <summary>
/// Warnings of files of one volume that lie upon or below each other (Kubernetes v1.36, <c>warningsForOverlappingVirtualPaths</c>).
/// </summary>
public static class VolumePathWarnings
{
    /// <summary>Adds the warnings of all volumes.</summary>
    public static void Add(JsonList? volumes, List<string> warnings)
    {
        foreach (JsonMap volume in volumes?.Maps() ?? [])
        {
            string name = volume.String("name") ?? "";
            Alone(volume.Map("configMap"), name, c => $"ConfigMap {FieldError.GoQuote(c.String("name") ?? "")}", warnings);
            Alone(volume.Map("secret"), name, s => $"Secret {FieldError.GoQuote(s.String("secretName") ?? "")}", warnings);
            Alone(volume.Map("downwardAPI"), name, _ => "DownwardAPI", warnings);
            if (volume.Map("projected") is { } projected)
            {
                Projected(projected, name, warnings);
            }
        }
    }

    private static void Alone(JsonMap? source, string volume, Func<JsonMap, string> describe, List<string> warnings)
    {
        if (source is not null)
        {
            Overlaps(Files(source, ""), volume, describe(source), [], warnings);
        }
    }

    private static void Projected(JsonMap projected, string volume, List<string> warnings)
    {
        List<VirtualFile> all = [];
        foreach (JsonMap source in projected.List("sources")?.Maps() ?? [])
        {
            if (source.All(m => m.Value is null))
            {
                warnings.Add($"volume {FieldError.GoQuote(volume)} (Projected) has no sources provided");
                continue;
            }

            Overlaps(Files(source), volume, "Projected", all, warnings);
        }
    }

    /// <summary>The files of the first kind of source that one names.</summary>
    private static IEnumerable<VirtualFile> Files(JsonMap source)
    {
        if (source.Map("configMap") is { } configMap && configMap["items"] is not null)
        {
            return Files(configMap, "ConfigMap", configMap.String("name") ?? "");
        }

        if (source.Map("secret") is { } secret && secret["items"] is not null)
        {
            return Files(secret, "Secret", secret.String("name") ?? "");
        }

        if (source.Map("downwardAPI") is { } downward && downward["items"] is not null)
        {
            return Files(downward, "DownwardAPI");
        }

        if (source.Map("serviceAccountToken") is { } token)
        {
            return [new VirtualFile(token.String("path") ?? "", "ServiceAccountToken")];
        }

        if (source.Map("clusterTrustBundle") is { } bundle)
        {
            return [new VirtualFile(
                bundle.String("path") ?? "", "ClusterTrustBundle", bundle.String("name") ?? bundle.String("signerName") ?? "")];
        }

        if (source.Map("podCertificate") is not { } certificate)
        {
            return [];
        }

        return from part in (IEnumerable<(string Member, string Name)>)
            [("certificateChainPath", "chain"), ("keyPath", "key"), ("credentialBundlePath", "credential bundle")]
               let path = certificate.String(part.Member)
               where path is { Length: > 0 }
               select new VirtualFile(path, $"PodCertificate {part.Name}");
    }

    private static IEnumerable<VirtualFile> Files(JsonMap source, string kind, string? name = null) =>
        (source.List("items")?.Maps() ?? []).Select(i => new VirtualFile(i.String("path") ?? "", kind, name));

    private static void Overlaps(
        IEnumerable<VirtualFile> files, string volume, string kind, List<VirtualFile> before, List<string> warnings)
    {
        foreach (VirtualFile named in files)
        {
            VirtualFile file = named with { Path = named.Path.TrimEnd('/') };
            foreach (VirtualFile other in before)
            {
                if (file.Overlaps(other))
                {
                    warnings.Add($"volume {FieldError.GoQuote(volume)} ({kind}): overlapping paths: {file} with {other}");
                }
            }

            before.Add(file);
        }
    }

    /// <summary>A file and the source it comes from; the source is left out where a volume has only one.</summary>
    private readonly record struct VirtualFile(string Path, string Source, string? Name = null)
    {
        public bool Overlaps(VirtualFile other) =>
            Path.Length > 0 && other.Path.Length > 0 && (IsAtOrBelow(Path, other.Path) || IsAtOrBelow(other.Path, Path));

        private static bool IsAtOrBelow(string path, string above) =>
            path.StartsWith(above, StringComparison.Ordinal) && (path.Length == above.Length || path[above.Length] == '/');

        public override string ToString() => Source.Length == 0 ? FieldError.GoQuote(Path)
            : Name is null ? $"{FieldError.GoQuote(Path)} ({Source})"
            : $"{FieldError.GoQuote(Path)} ({Source} {FieldError.GoQuote(Name)})";
    }
}
