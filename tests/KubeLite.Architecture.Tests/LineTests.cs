using System.Text.RegularExpressions;
using Xunit;

namespace KubeLite.Architecture.Tests;

/// <summary>Checks that sources can be read without scrolling sideways.</summary>
public sealed partial class LineTests
{
    private const int Longest = 140;

    [Fact]
    public void Lines_OfCode_AreNotTooLong()
    {
        string[] tooLong = [.. Repository.Files("src").Concat(Repository.Files("tests"))
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(f => TooLong(f, File.ReadAllLines(Path.Combine(Repository.Root, f))))];

        Assert.True(tooLong.Length == 0, string.Join('\n', tooLong));
    }

    [Theory]
    [InlineData("x = 1;", 1)]
    [InlineData("// x", 1)]
    [InlineData("\"x\" + y,", 1)]
    [InlineData("$\"x {A(\"y\")}\");", 1)]
    [InlineData("\"\"\"x\"\"\", 1)]", 1)]
    [InlineData("\"x \\\" y\");", 0)]
    [InlineData("? $\"x {y.Z} {{}}\" +", 0)]
    [InlineData("@\"x \"\" y\")]", 0)]
    [InlineData("\"\"\"x\"y\"\"\")]", 0)]
    [InlineData("\"\"\"\"x\"\"\"y\"\"\"\");", 0)]
    public void TooLong_Line_IsNamedUnlessItIsOneLiteral(string line, int found) =>
        Assert.Equal(found, TooLong("A.cs", [Stretched(line), "x"]).Count());

    [Theory]
    [InlineData("a = $$\"\"\"", "\"\"\";", 0)]
    [InlineData("a = \"\"\"\"", "\"\"\"", 0)]
    [InlineData("a = \"\"\"b\"\"\"", "\"\"\";", 1)]
    [InlineData("a(\"\"\"b\"\"\", \"\"\"", "\"\"\";", 0)]
    public void TooLong_InsideARawString_IsAllowed(string before, string after, int found) =>
        Assert.Equal(found, TooLong("A.cs", [before, Stretched("x = 1;"), after]).Count());

    [Fact]
    public void TooLong_AfterARawString_IsNamed() =>
        Assert.Equal(["A.cs:3"], TooLong("A.cs", ["a = \"\"\"", "x", Stretched("\"\"\", 1, x);")]));

    /// <summary>The places of lines that are too long, as <c>file:line</c>: code, or a literal with something beside it.</summary>
    private static IEnumerable<string> TooLong(string file, string[] lines)
    {
        string? closing = null;
        for (int i = 0; i < lines.Length; i++)
        {
            if (closing is not null && !lines[i].TrimStart().StartsWith(closing, StringComparison.Ordinal))
            {
                continue;
            }

            string code = closing is null ? lines[i] : lines[i].TrimStart()[closing.Length..];
            closing = Opening().Match(ClosedRaw().Replace(code, "")) is { Success: true } opening ? opening.Groups["quotes"].Value : null;
            if (lines[i].Length > Longest && !OneLiteral().IsMatch(lines[i]))
            {
                yield return $"{file}:{i + 1}";
            }
        }
    }

    private static string Stretched(string line) => line.Replace("x", new string('x', Longest), StringComparison.Ordinal);

    // A literal of whatever kind with only punctuation around it; the holes of an interpolated one hold no other literal.
    [GeneratedRegex(
        """""^[^\w"]*(?:\$*(?<q>"{3,})(?:(?!\k<q>).)*\k<q>|@"(?:[^"]|"")*"|"(?:[^"\\]|\\.)*"|\$"(?:[^"\\{]|\\.|\{[^"]*?\})*")[^\w"]*$""""")]
    private static partial Regex OneLiteral();

    [GeneratedRegex(""""("{3,}).*?\1"*"""")]
    private static partial Regex ClosedRaw();

    [GeneratedRegex(""""(?<quotes>"{3,})\s*$"""")]
    private static partial Regex Opening();
}
