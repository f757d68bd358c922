using System.Text;
using KubeLite.Storage.Caching.Differences;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Caching.Differences;

public sealed class ByteDifferenceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(256)]
    public void Apply_RandomEditsOfRandomBytes_MakesTheTarget(int alphabet)
    {
        Random random = NewRandom();
        for (int i = 0; i < 3000; i++)
        {
            byte[] from = RandomBytes(random, random.Next(random.Next(2) == 0 ? 40 : 6000), alphabet);
            byte[] target = Edits.Apply(random, from, random.Next(8), alphabet);

            AssertMakes(from, target);
        }
    }

    [Fact]
    public void Apply_RandomEditsOfAnObject_MakesTheTarget()
    {
        Random random = NewRandom();
        byte[] from = ObjectVersions.Pod("web-1", 1001, ready: false);
        for (int i = 0; i < 3000; i++)
        {
            byte[] target = Edits.Apply(random, from, random.Next(1, 8), 128);

            AssertMakes(from, target);
            from = target.Length is > 500 and < 20_000 ? target : ObjectVersions.Pod("web-1", i, ready: true);
        }
    }

    [Fact]
    public void Apply_UnrelatedBytes_MakesTheTarget()
    {
        Random random = NewRandom();
        for (int i = 0; i < 500; i++)
        {
            AssertMakes(RandomBytes(random, random.Next(2000), 256), RandomBytes(random, random.Next(2000), 256));
        }
    }

    [Fact]
    public void Apply_LargeObjects_MakesTheTarget()
    {
        Random random = NewRandom();
        byte[] from = RandomBytes(random, 1_500_000, 64);
        byte[] target = Edits.Apply(random, from, 30, 64);

        int length = AssertMakes(from, target);

        Assert.InRange(length, 1, target.Length);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "abc")]
    [InlineData("abc", "")]
    [InlineData("abc", "abc")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("0123456789abcdef0123456789abcdef", "0123456789abcdef")]
    [InlineData("first part, second part, third part", "third part, second part, first part")]
    public void Apply_Edges_MakesTheTarget(string from, string target) =>
        AssertMakes(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(target));

    [Fact]
    public void TryMake_StatusPatchOfAPod_IsFarLessThanIt()
    {
        byte[] before = ObjectVersions.Pod("web-1", 1001, ready: false);
        byte[] after = ObjectVersions.Pod("web-1", 1734, ready: true);

        // What is kept is the newer, so what the status patch brought has to be left out, not added.
        Assert.InRange(AssertMakes(after, before), 1, before.Length / 40);
        Assert.InRange(AssertMakes(before, after), 1, after.Length / 8);
    }

    [Fact]
    public void TryMake_ManyShortEdits_CopiesWhatIsBetween()
    {
        byte[] from = ObjectVersions.Pod("web-1", 1001, ready: true);
        byte[] target = [.. from];
        for (int at = 50; at < target.Length; at += 200)
        {
            target[at] ^= 1;
        }

        // An edit costs a literal, two lengths (one of two bytes) and a distance.
        Assert.InRange(AssertMakes(from, target), 1, 5 * ((target.Length / 200) + 2));
    }

    [Fact]
    public void TryMake_MoreThanAllowed_IsNull()
    {
        Random random = NewRandom();
        byte[] from = RandomBytes(random, 3000, 256);
        byte[] target = RandomBytes(random, 3000, 256);

        Assert.Null(ByteDifference.TryMake(from, target, 2000));
        Assert.Null(ByteDifference.TryMake(from, from, 0));
        Assert.Null(ByteDifference.TryMake(from, from, -1));
        for (int most = 1; most < 200; most++)
        {
            byte[]? made = ByteDifference.TryMake(from, [.. from.AsSpan(0, 1000), .. target.AsSpan(0, 60), .. from.AsSpan(1000)], most);
            Assert.InRange(made?.Length ?? 0, 0, most);
        }
    }

    private static byte[] RandomBytes(Random random, int length, int alphabet)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.Next(alphabet);
        }

        return bytes;
    }

    private int AssertMakes(byte[] from, byte[] target)
    {
        byte[]? difference = ByteDifference.TryMake(from, target, (target.Length * 2) + 64);
        Assert.NotNull(difference);
        Assert.Equal(target.Length, ByteDifference.LengthOf(difference));
        byte[] made = new byte[target.Length];
        ByteDifference.Apply(difference, from, made);
        Assert.True(target.AsSpan().SequenceEqual(made), "the difference makes other bytes");
        output.WriteLine($"{from.Length} to {target.Length}: {difference.Length}");
        return difference.Length;
    }

    private Random NewRandom()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }
}
