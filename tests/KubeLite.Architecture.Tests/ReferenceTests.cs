using System.Xml.Linq;
using Xunit;

namespace KubeLite.Architecture.Tests;

/// <summary>Checks every project against the table of docs/architecture.md.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["ApiMachinery"] = [],
        ["Storage"] = ["ApiMachinery"],
        ["Storage.Etcd"] = ["Storage"],
        ["Storage.Embedded"] = ["Storage"],
        ["Hosting"] = [],
        ["ApiServer"] = ["ApiMachinery", "Storage", "Storage.Etcd", "Storage.Embedded", "Hosting"],
        ["ControllerRuntime"] = [],
        ["Scheduler"] = ["ControllerRuntime", "Hosting"],
        ["ControllerManager"] = ["ControllerRuntime", "Hosting"],
        ["Kubelet"] = ["ControllerRuntime", "Hosting"],
        ["Cli"] = ["*"],
    };

    private static readonly (string Package, string Owner)[] s_owned =
    [
        ("dotnet-etcd", "Storage.Etcd"), ("Microsoft.Data.Sqlite", "Storage.Embedded"), ("Serilog", "Hosting"),
        ("Serilog.Extensions.Logging", "Hosting"), ("Serilog.Sinks.Console", "Hosting"), ("Serilog.Sinks.File", "Hosting"),
    ];

    [Fact]
    public void Projects_References_FollowTheTable()
    {
        foreach ((string project, XDocument file) in Projects())
        {
            Assert.True(s_allowed.TryGetValue(project, out string[]? allowed), $"KubeLite.{project} is not in the table");
            if (allowed.Contains("*"))
            {
                continue;
            }

            foreach (string reference in file.Descendants("ProjectReference")
                .Select(r => Short(Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))))
            {
                Assert.True(allowed.Contains(reference), $"KubeLite.{project} may not reference KubeLite.{reference}");
            }
        }
    }

    [Fact]
    public void Packages_OfOneOwner_AreReferencedByNobodyElse()
    {
        foreach ((string project, XDocument file) in Projects())
        {
            foreach (string package in file.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value))
            {
                (string Package, string Owner) owned = s_owned.FirstOrDefault(o => o.Package == package);
                Assert.True(
                    owned.Package is null || owned.Owner == project,
                    $"only KubeLite.{owned.Owner} may reference {package}, not KubeLite.{project}");
            }
        }
    }

    [Fact]
    public void Versions_OfPackages_StandInOnePlace()
    {
        foreach ((string project, XDocument file) in Projects())
        {
            Assert.DoesNotContain(
                file.Descendants("PackageReference"),
                p => p.Attribute("Version") is not null || p.Attribute("VersionOverride") is not null);
            Assert.NotEmpty(project);
        }
    }

    [Fact]
    public void Namespaces_EqualFolders()
    {
        foreach (string file in Sources())
        {
            string text = File.ReadAllText(file);
            int at = ("\n" + text).IndexOf("\nnamespace ", StringComparison.Ordinal) - 1;
            if (at < -1)
            {
                Assert.True(Path.GetFileName(file) is "Program.cs" or "GlobalUsings.cs", $"{file} has no namespace");
                continue;
            }

            string declared = text[(at + 11)..text.IndexOf(';', Math.Max(at, 0))];
            string expected = Path.GetRelativePath(Source(), Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            Assert.True(declared == expected, $"{Path.GetRelativePath(Source(), file)}: namespace {declared}, folder {expected}");
        }
    }

    [Fact]
    public void TopLevel_HoldsWhatIsAgreed()
    {
        string[] agreed = ["src", "tests", "deploy", "docs", "Directory.Build.props", "KubeLite.sln", "README.md"];
        IEnumerable<string> found =
            Directory.EnumerateFileSystemEntries(Repository.Root).Select(e => Path.GetFileName(e)!).Where(n => n[0] != '.');
        Assert.Empty(found.Except(agreed));
    }

    private static IEnumerable<(string Name, XDocument File)> Projects() =>
        Directory.EnumerateFiles(Source(), "*.csproj", SearchOption.AllDirectories)
            .Select(f => (Short(Path.GetFileNameWithoutExtension(f)), XDocument.Load(f)));

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(Source(), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
            && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}"));

    private static string Short(string project) => project["KubeLite.".Length..];

    private static string Source() => Path.Combine(Repository.Root, "src");
}
