using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>All kinds that are served, for theories.</summary>
internal static class Kinds
{
    /// <summary>The groups, versions and kinds of all resources.</summary>
    public static TheoryData<string> Served()
    {
        var data = new TheoryData<string>();
        foreach (GroupVersionKind kind in ApiFacts.Newest.Resources.Where(r => r.Subresource.Length == 0).Select(r => r.Kind).Distinct())
        {
            if (ApiFacts.Newest.TryGetKind(kind, out Schema? schema) && schema.Field("metadata") is not null)
            {
                data.Add($"{kind.ApiVersion} {kind.Kind}");
            }
        }

        return data;
    }

    /// <summary>The kind and description that a theory's text names.</summary>
    public static (GroupVersionKind Kind, Schema Schema) Find(string text)
    {
        string[] parts = text.Split(' ');
        var kind = GroupVersionKind.Parse(parts[0], parts[1]);
        Assert.True(ApiFacts.Newest.TryGetKind(kind, out Schema? schema));
        return (kind, schema);
    }

    /// <summary>Fails with the seed and both values where they differ.</summary>
    public static void Same(object? wanted, object? got, string what, int seed)
    {
        if (!JsonValue.DeepEquals(wanted, got))
        {
            Assert.Fail($"{what}, seed {seed}:\nwanted {JsonWriting.ToText(wanted)}\ngot    {JsonWriting.ToText(got)}");
        }
    }
}
