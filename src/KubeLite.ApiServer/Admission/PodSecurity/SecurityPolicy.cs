using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>A level of the Pod Security Standards with the version of them that counts.</summary>
/// <param name="Level">privileged, baseline or restricted.</param>
/// <param name="Minor">The minor version of Kubernetes whose standards count; <see cref="int.MaxValue"/> for the latest.</param>
public sealed record SecurityPolicy(string Level, int Minor)
{
    private const string Prefix = "pod-security.kubernetes.io/";

    private static readonly string[] s_levels = ["privileged", "baseline", "restricted"];

    /// <summary>True where nothing is refused.</summary>
    public bool IsPrivileged => Level == "privileged";

    /// <summary>True where this policy refuses all that the other does, of the same version.</summary>
    public bool IsAtLeast(SecurityPolicy other) =>
        Minor == other.Minor && Array.IndexOf(s_levels, Level) >= Array.IndexOf(s_levels, other.Level);

    /// <summary>Reads a namespace's policy of a mode: enforce, audit or warn; what is absent is privileged and latest.</summary>
    /// <param name="labels">The namespace's labels.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="errors">Gets the faults of labels; a level that can't be read counts as restricted.</param>
    public static SecurityPolicy Read(JsonMap? labels, string mode, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("metadata", "labels");
        string level = "privileged";
        int minor = int.MaxValue;
        string key = Prefix + mode, versionKey = key + "-version";
        if (labels?.String(key) is { } text)
        {
            level = s_levels.Contains(text) ? text : "restricted";
            if (level != text)
            {
                errors.Invalid(path.Key(key), text, $"must be one of {string.Join(", ", s_levels)}");
            }
        }

        if (labels?.String(versionKey) is { } version && version != "latest" && !TryVersion(version, out minor))
        {
            minor = int.MaxValue;
            errors.Invalid(path.Key(versionKey), version, "must be \"latest\" or \"v1.x\"");
        }

        return new SecurityPolicy(level, minor);
    }

    /// <inheritdoc />
    public override string ToString() =>
        Minor == int.MaxValue ? $"{Level}:latest" : string.Create(CultureInfo.InvariantCulture, $"{Level}:v1.{Minor}");

    private static bool TryVersion(string text, out int minor)
    {
        minor = 0;
        return text.StartsWith("v1.", StringComparison.Ordinal) && int.TryParse(
            text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out minor) &&
            (text.Length == 4 || text[3] != '0');
    }
}
