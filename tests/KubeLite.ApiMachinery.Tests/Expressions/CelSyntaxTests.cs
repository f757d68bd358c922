using KubeLite.ApiMachinery.Expressions;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Expressions;

/// <summary>What follows the grammar of CEL, and what is said of what doesn't.</summary>
public sealed class CelSyntaxTests
{
    private const string Operand =
        "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    [Theory]
    [InlineData("true")]
    [InlineData("-1.5e3 + .5 - 0x1Fu")]
    [InlineData("object.spec.replicas <= 5 && !has(object.metadata.labels)")]
    [InlineData("a ? b : c ? d : e")]
    [InlineData("self.all(x, x.name in ['a', \"b\\\"\", r'\\d', b'x', '''long\n'quoted' text'''])")]
    [InlineData("{'a': 1, 'b': [1, 2,],}['a'] == 1u")]
    [InlineData("a.?b[?0].orValue(Message{field: 1, other: null})")]
    [InlineData("a.`quoted-name` // a remark")]
    [InlineData("!!a == --b")]
    [InlineData(".top(1)[2].x()")]
    [InlineData("[] == {}")]
    public void Check_InOrder_SaysNothing(string expression) => Assert.Null(CelSyntax.Check(expression));

    [Theory]
    [InlineData("self >", 7, "mismatched input '<EOF>' expecting " + Operand)]
    [InlineData("", 1, "mismatched input '<EOF>' expecting " + Operand)]
    [InlineData("a b", 3, "extraneous input 'b' expecting <EOF>")]
    [InlineData("a b c", 3, "mismatched input 'b' expecting <EOF>")]
    [InlineData("* a", 1, "extraneous input '*' expecting " + Operand)]
    [InlineData("1 + $", 5, "token recognition error at: '$'")]
    [InlineData("f(1", 4, "missing ')' at '<EOF>'")]
    [InlineData("(1 2)", 4, "extraneous input '2' expecting ')'")]
    [InlineData("[1", 3, "mismatched input '<EOF>' expecting {']', ','}")]
    [InlineData("a ? b", 6, "mismatched input '<EOF>' expecting ':'")]
    [InlineData("a.", 3, "no viable alternative at input '.'")]
    [InlineData("a == 'open", 6, "token recognition error at: ''open'")]
    public void Check_Fault_IsNamedWithItsPlace(string expression, int column, string message) =>
        Assert.StartsWith(
            $"ERROR: <input>:1:{column}: Syntax error: {message}\n | {expression}\n | {new string('.', column - 1)}^",
            CelSyntax.Check(expression));

    [Fact]
    public void Check_ManyLines_ShowsTheOneWithTheFault() =>
        Assert.Equal("ERROR: <input>:2:1: Syntax error: mismatched input '3' expecting <EOF>\n | 3 +\n | ^", CelSyntax.Check("1 + 2\n3 +"));

    [Fact]
    public void Check_TwoFaults_NamesBoth() =>
        Assert.Equal(2, CelSyntax.Check("1 + +")!.Split("ERROR").Length - 1);

    [Fact]
    public void Check_NestedWithoutEnd_IsRefusedAndNotFollowed() =>
        Assert.Contains("expression recursion limit exceeded: 250", CelSyntax.Check(new string('(', 100_000)));

    [Fact]
    public void Check_ReservedName_IsNamed() =>
        Assert.StartsWith("ERROR: <input>:1:5: reserved identifier: for\n", CelSyntax.Check("1 + for"));
}
