using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>What admission decides about: a write, with the object as it would be and as it was.</summary>
/// <param name="Context">Of what, by whom.</param>
/// <param name="Object">The object that would be stored, in the storage version; plugins that mutate change it. Null for a
/// deletion.</param>
/// <param name="OldObject">The stored object, not to be changed; null for a creation.</param>
public sealed record AdmissionRequest(WriteContext Context, JsonMap? Object, JsonMap? OldObject)
{
    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    public string Operation => Context.Operation;

    /// <summary>True where the write is of that resource itself, not of a subresource.</summary>
    public bool Is(string group, string resource) =>
        Context.Subresource.Length == 0 && Context.Resource.Group == group && Context.Resource.Name == resource;

    /// <summary>True for a creation of that resource.</summary>
    public bool Creates(string group, string resource) => Operation == "CREATE" && Is(group, resource);
}
