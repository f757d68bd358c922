using System.Text;
using KubeLite.Hosting.Memory;
using Xunit;

namespace KubeLite.Hosting.Tests.Memory;

public sealed class MappedFilesTests
{
    private const string Code = "7f0000001000-7f0000003000 r-xp 00001000 fe:00 123                        /usr/lib/lib c.so.6";

    [Fact]
    public void Unchanged_FileNobodyWrites_IsNamed()
    {
        (nint start, nint end) = Assert.Single(Unchanged(Mapping(Code, 0)));

        Assert.Equal((0x7f0000001000, 0x7f0000003000), ((long)start, (long)end));
    }

    [Theory]
    [InlineData("7f0000001000-7f0000003000 rw-p 00001000 fe:00 123                        /usr/lib/libc.so.6")]
    [InlineData("7f0000001000-7f0000003000 rw-s 00001000 fe:00 123                        /data/store.db-shm")]
    [InlineData("7f0000001000-7f0000003000 r-xs 00001000 00:01 123                        /memfd:doublemapper (deleted)")]
    [InlineData("7f0000001000-7f0000003000 r--p 00001000 fe:00 123                        /usr/lib/old.so (deleted)")]
    [InlineData("7f0000001000-7f0000003000 r--s 00000000 00:18 123                        /dev/shm/shared")]
    [InlineData("7f0000001000-7f0000003000 r-xp 00000000 00:00 0                          [vdso]")]
    [InlineData("7f0000001000-7f0000003000 r--p 00000000 00:00 0 ")]
    public void Unchanged_WhatIsNoFileOrMayBeWritten_IsNotNamed(string line) => Assert.Empty(Unchanged(Mapping(line, 0)));

    [Fact]
    public void Unchanged_PagesThatDifferFromTheFile_IsNotNamed() => Assert.Empty(Unchanged(Mapping(Code, 4)));

    [Fact]
    public void Unchanged_MoreThanABuffer_ReadsAll()
    {
        string text = string.Concat(Enumerable.Repeat(Mapping(Code, 0) + Mapping(Code, 4), 500));

        Assert.Equal(500, Unchanged(text).Count);
    }

    [SkippableFact]
    public void Release_CodeThatRuns_RunsOn()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "smaps is Linux'");
        using (FileStream mappings = File.OpenRead("/proc/self/smaps"))
        {
            Assert.NotEmpty(MappedFiles.Unchanged(mappings));
        }

        MappedFiles.Release();

        Assert.Equal("1,2", string.Join(',', new[] { 2, 1 }.Order()));
    }

    private static string Mapping(string line, int changed) =>
        $"{line}\nSize:                  8 kB\nRss:                   8 kB\nAnonymous:             {changed} kB\nVmFlags: rd ex mr mw me\n";

    private static List<(nint Start, nint End)> Unchanged(string text) =>
        MappedFiles.Unchanged(new MemoryStream(Encoding.ASCII.GetBytes(text)));
}
