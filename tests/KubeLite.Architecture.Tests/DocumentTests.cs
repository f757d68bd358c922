using System.Text.RegularExpressions;
using Xunit;

namespace KubeLite.Architecture.Tests;

/// <summary>Checks that what the documents point to is there.</summary>
public sealed partial class DocumentTests
{
    private static readonly Lazy<string[]> s_files = new(() =>
        [.. Repository.Files("src").Concat(Repository.Files("tests")).Concat(Repository.Files("docs")).Concat(Repository.Files("deploy"))]);

    [Fact]
    public void Links_LeadToFilesAndHeadings()
    {
        foreach (string document in Documents())
        {
            string text = File.ReadAllText(document);
            foreach (string link in Link().Matches(text).Select(m => m.Groups["to"].Value))
            {
                if (Uri.TryCreate(link, UriKind.Absolute, out _))
                {
                    continue;
                }

                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
                Assert.True(Path.Exists(target), $"{Path.GetFileName(document)}: {link} leads nowhere");
                Assert.True(
                    parts.Length == 1 || Headings(target).Contains(parts[1], StringComparer.Ordinal),
                    $"{Path.GetFileName(document)}: {link} has no such heading");
            }
        }
    }

    [Theory]
    [InlineData("architecture.md")]
    [InlineData("add-a-resource.md")]
    [InlineData("add-a-controller.md")]
    [InlineData("compatibility.md")]
    public void SourcesNamed_Exist(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", document));
        foreach (string name in SourcePath().Matches(text).Select(m => m.Groups["path"].Value))
        {
            Assert.True(IsFileOrFolder(name), $"{document}: there is no {name}");
        }
    }

    [Fact]
    public void Compatibility_TestsNamed_Exist()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "compatibility.md"));
        HashSet<string> names = [.. s_files.Value.Where(f => f.StartsWith("tests/", StringComparison.Ordinal)).Select(Stem)];
        foreach (string name in TestClass().Matches(text).Select(m => m.Value))
        {
            Assert.True(names.Contains(name), $"there is no test class {name}");
        }

        foreach (string path in TestPath().Matches(text).Select(m => m.Value))
        {
            Assert.True(IsFileOrFolder(path), $"there is no {path}");
        }

        foreach (string recording in Recordings().Matches(text).SelectMany(m => m.Groups["name"].Captures).Select(c => c.Value))
        {
            Assert.True(s_files.Value.Contains($"tests/golden/{recording}.jsonl"), $"there is no recording {recording}");
        }
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md"));

    /// <summary>The anchors of a document's headings, as they are made on GitHub.</summary>
    private static IEnumerable<string> Headings(string document) => Heading().Matches(File.ReadAllText(document))
        .Select(m => Punctuation().Replace(m.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>A file or folder under src or tests, named from there or from a project on; a source without its extension.</summary>
    private static bool IsFileOrFolder(string name) => s_files.Value.Any(f =>
        f.EndsWith('/' + name, StringComparison.Ordinal)
        || f.EndsWith('/' + name + ".cs", StringComparison.Ordinal)
        || f.StartsWith(name + '/', StringComparison.Ordinal)
        || f.Contains('/' + name + '/', StringComparison.Ordinal));

    private static string Stem(string file) => Path.GetFileNameWithoutExtension(file);

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    // A path in code marks whose steps are names as our folders and files have them; <placeholders> are none.
    [GeneratedRegex(@"`(?<path>(?:src/|tests/)?[A-Z][\w.]*(?:/[A-Z][\w.]*)+)`")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"(?<![\w./])[A-Z]\w*Tests\b(?![\w./])")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"KubeLite\.[A-Za-z]+\.Tests(?:/\w+)*")]
    private static partial Regex TestPath();

    [GeneratedRegex(@"recordings(?: `(?<name>\w+)`)+")]
    private static partial Regex Recordings();
}
