using System.Text.Json.Nodes;
using KubeLite.Cli.Client;
using Xunit;

namespace KubeLite.Cli.Tests;

public sealed class TablePrinterTests
{
    private const string Table =
        """
        {"columnDefinitions":[{"name":"Name","priority":0},{"name":"Ready","priority":0},{"name":"IP","priority":1}],
         "rows":[{"cells":["web-1","1/1","10.0.0.1"],"object":{"metadata":{"namespace":"a"}}},
                 {"cells":["w","0/1",null],"object":{"metadata":{"namespace":"longer"}}}]}
        """;

    [Fact]
    public void Print_Narrow_LeavesOutColumnsOfLowPriority() =>
        Assert.Equal("NAME    READY\nweb-1   1/1\nw       0/1\n", Print(wide: false, withNamespace: false));

    [Fact]
    public void Print_WideWithNamespace_HasEverything() =>
        Assert.Equal(
            "NAMESPACE   NAME        READY   IP\na           pod/web-1   1/1     10.0.0.1\nlonger      pod/w       0/1     <none>\n",
            Print(wide: true, withNamespace: true, "pod/"));

    private static string Print(bool wide, bool withNamespace, string prefix = "")
    {
        var output = new StringWriter { NewLine = "\n" };
        TablePrinter.Print((JsonObject)JsonNode.Parse(Table)!, wide, withNamespace, prefix, output);
        return output.ToString();
    }
}
