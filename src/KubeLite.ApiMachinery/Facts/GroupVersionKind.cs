namespace KubeLite.ApiMachinery.Facts;

/// <summary>A kind in a version of a group.</summary>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Makes one of an <c>apiVersion</c> and a kind.</summary>
    public static GroupVersionKind Parse(string apiVersion, string kind)
    {
        int slash = apiVersion.IndexOf('/');
        return slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
    }

    /// <summary>As Kubernetes writes it in messages: <c>apps/v1, Kind=Deployment</c>.</summary>
    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}
