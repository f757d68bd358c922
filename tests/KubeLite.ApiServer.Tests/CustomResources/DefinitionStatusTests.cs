using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.CustomResources.Definitions;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>What the status of a definition says of its names and of its approval.</summary>
public sealed class DefinitionStatusTests
{
    private const string Now = "2024-01-01T00:00:00Z";

    [Fact]
    public void Of_ShortNameThatIsItsOwnPlural_Conflicts()
    {
        JsonMap crd = Read("""
            {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","names":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList","shortNames":["things"]}},
             "status":{"acceptedNames":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList"}}}
            """);
        NameDecision.Of(crd, []).ApplyTo(crd, Now);

        Assert.Equal("ShortNamesConflict", Conditions.Find(crd, "NamesAccepted")?.String("reason"));
        Assert.Equal("\"things\" is already in use", Conditions.Find(crd, "NamesAccepted")?.String("message"));
    }

    [Theory]
    [InlineData(
        "https://github.com/kubernetes/kubernetes/pull/1", "True", "ApprovedAnnotation",
        "approved in https://github.com/kubernetes/kubernetes/pull/1")]
    [InlineData("unapproved, a trial", "False", "UnapprovedAnnotation", "not approved: \"unapproved, a trial\"")]
    public void ApplyTo_ProtectedGroup_SaysWhetherItIsApproved(string annotation, string status, string reason, string message)
    {
        JsonMap crd = Read("""{"metadata":{"name":"things.x.k8s.io","annotations":{}},"spec":{"group":"x.k8s.io"}}""");
        crd.Map("metadata")!.Map("annotations")![ApiApproval.Annotation] = annotation;
        Assert.True(ApiApproval.Changes(crd));
        ApiApproval.ApplyTo(crd, Now);

        Assert.False(ApiApproval.Changes(crd));
        JsonMap condition = Conditions.Find(crd, "KubernetesAPIApprovalPolicyConformant")!;
        Assert.Equal((status, reason, message), (condition.String("status"), condition.String("reason"), condition.String("message")));
    }

    [Fact]
    public void Changes_OtherGroup_SaysNothing() =>
        Assert.False(ApiApproval.Changes(Read("""{"metadata":{"name":"a"},"spec":{"group":"example.com"}}""")));

    private static JsonMap Read(string json) => (JsonMap)JsonReading.Read(Encoding.UTF8.GetBytes(json))!;
}
