using System.Text;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// The few texts of a kind's objects that handlers and indexes look at for every change, read together with the metadata, so that
/// the rest needn't be. At most one of a member.
/// </summary>
internal sealed class KnownFields
{
    private static readonly KnownFields s_none = new();
    private static readonly KnownFields s_pod = new(("spec", "nodeName"), ("status", "phase"));

    private readonly (byte[] Member, byte[] Name)[] _paths;

    private KnownFields(params (string Member, string Name)[] paths) =>
        _paths = [.. paths.Select(p => (Encoding.UTF8.GetBytes(p.Member), Encoding.UTF8.GetBytes(p.Name)))];

    /// <summary>How many there are.</summary>
    internal int Count => _paths.Length;

    /// <summary>The member of the object that a field is in, such as <c>spec</c>.</summary>
    internal ReadOnlySpan<byte> Member(int field) => _paths[field].Member;

    /// <summary>The field's name in that member.</summary>
    internal ReadOnlySpan<byte> Name(int field) => _paths[field].Name;

    /// <summary>The fields of a kind.</summary>
    internal static KnownFields Of<T>() => typeof(T) == typeof(V1Pod) ? s_pod : s_none;
}
