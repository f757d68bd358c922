using KubeLite.ApiMachinery.Names;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Names;

public sealed class NameRulesTests
{
    public static TheoryData<string, string> Names { get; } = new()
    {
        { "app", "" },
        { "example.com/app", "" },
        { "", "name part must be non-empty; name part must consist" },
        { "/app", "prefix part must be non-empty" },
        { "example.com/", "name part must be non-empty; name part must consist" },
        { "a/b/c", "a valid label key must consist" },
        { "Example.com/app", "prefix part a lowercase RFC 1123 subdomain must consist" },
        { new string('a', 63), "" },
        { new string('a', 64), "name part must be no more than 63 bytes" },
        { new string('a', 254) + "/app", "prefix part must be no more than 253 bytes" },
        { "-app", "name part must consist" },
        { "app\n", "name part must consist" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void QualifiedName_Any_NamesEachFault(string value, string faults)
    {
        string[] begun = faults.Length == 0 ? [] : faults.Split("; ");

        string[] found = [.. NameRules.QualifiedName(value)];

        Assert.Equal(begun.Length, found.Length);
        Assert.All(found.Zip(begun), f => Assert.StartsWith(f.Second, f.First));
    }

    [Fact]
    public void Labels_TooLongAndWrong_NameBothFaults()
    {
        string wrong = new string('a', 64) + "-";

        Assert.Equal(2, NameRules.DnsLabel(wrong).Count());
        Assert.Equal(2, NameRules.LabelValue(wrong).Count());
        Assert.Equal(2, NameRules.DnsSubdomain(new string('a', 254) + "-").Count());
        Assert.Empty(NameRules.LabelValue(""));
        Assert.Empty(NameRules.DnsLabel("a-b"));
        Assert.Empty(NameRules.DnsSubdomain("a.b"));
    }
}
