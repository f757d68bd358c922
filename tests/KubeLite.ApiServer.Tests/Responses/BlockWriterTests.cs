using System.Buffers;
using KubeLite.ApiServer.Responses;
using Xunit;

namespace KubeLite.ApiServer.Tests.Responses;

public sealed class BlockWriterTests
{
    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(3300, 200)]
    [InlineData(65_536, 5)]
    [InlineData(200_000, 3)]
    public void Write_PiecesOfAnySize_GivesThemOnInOrder(int size, int count)
    {
        var inner = new ArrayBufferWriter<byte>();
        var writer = new BlockWriter(inner);
        byte[] all = new byte[size * count];
        new Random(size).NextBytes(all);

        for (int i = 0; i < count; i++)
        {
            writer.Write(all.AsSpan(i * size, size));
            if (i == count / 2)
            {
                writer.Commit();
            }
        }

        writer.Commit();
        Assert.True(inner.WrittenSpan.SequenceEqual(all));
    }

    [Fact]
    public void GetSpan_LargerThanABlock_IsThatLarge()
    {
        var inner = new ArrayBufferWriter<byte>();
        var writer = new BlockWriter(inner);
        writer.Write("a"u8);

        Span<byte> span = writer.GetSpan(1_000_000);
        Assert.True(span.Length >= 1_000_000);
        span[..1_000_000].Fill((byte)'b');
        writer.Advance(1_000_000);
        writer.Commit();

        Assert.Equal(1_000_001, inner.WrittenCount);
        Assert.Equal((byte)'a', inner.WrittenSpan[0]);
        Assert.Equal((byte)'b', inner.WrittenSpan[^1]);
    }

    [Fact]
    public void Advance_BeyondTheBlock_IsRefused()
    {
        var writer = new BlockWriter(new ArrayBufferWriter<byte>());

        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
    }
}
