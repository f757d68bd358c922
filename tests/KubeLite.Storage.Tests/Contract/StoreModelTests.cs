using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Contract;

/// <summary>Random operations on a backend, each answer compared with a simple model. The seed is printed; KUBELITE_TEST_SEED sets
/// it.</summary>
public abstract class StoreModelTests<TBackend>(TBackend backend, ITestOutputHelper output) : IClassFixture<TBackend>
    where TBackend : class, IStoreBackend
{
    private const int Operations = 1500;
    private const string Prefix = "/registry/model/";

    // For the whole run, thousands of durable writes among it: on a busy machine these take more than a minute.
    private readonly CancellationToken _ct = new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token;

    [SkippableFact]
    public async Task Operations_Random_MatchTheModel()
    {
        IKeyValueStore store = await backend.OpenAsync();
        string? given = Environment.GetEnvironmentVariable("KUBELITE_TEST_SEED");
        int seed = given is null ? Random.Shared.Next() : int.Parse(given, System.Globalization.CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        StoreModel model = new(await store.GetRevisionAsync(_ct));
        List<Task> watches = [];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_ct);

        for (int i = 0; i < Operations; i++)
        {
            string key = $"{Prefix}{(char)('a' + random.Next(4))}/{random.Next(12)}";
            switch (random.Next(100))
            {
                case < 50:
                    byte[] value = Encoding.UTF8.GetBytes($"value {i}");
                    long? expected = Expectation(random, model.Get(key));
                    AssertSame(model.Put(key, value, expected), await store.PutAsync(key, value, expected, null, _ct));
                    break;
                case < 68:
                    long? expectedToDelete = Expectation(random, model.Get(key)) is > 0 and var some ? some : null;
                    AssertSame(model.Delete(key, expectedToDelete), await store.DeleteAsync(key, expectedToDelete, _ct));
                    break;
                case < 78:
                    AssertSame(model.Get(key), await store.GetAsync(key, _ct));
                    break;
                case < 93:
                    await CompareRangeAsync(store, model, RandomQuery(random, model));
                    break;
                case < 97:
                    if (watches.Count < 20)
                    {
                        watches.Add(CompareWatchAsync(store, model, random.NextInt64(model.Compacted, model.Revision + 1), stop.Token));
                    }

                    break;
                default:
                    if (random.Next(4) == 0)
                    {
                        long revision = random.NextInt64(model.Compacted, model.Revision + 1);
                        await store.CompactAsync(revision, _ct);
                        model.Compact(revision);
                    }

                    break;
            }
        }

        // A last write tells every watch where to stop.
        AssertSame(model.Put(Prefix + "end", [1], null), await store.PutAsync(Prefix + "end", new byte[] { 1 }, null, null, _ct));
        await Task.WhenAll(watches);
        await CompareRangeAsync(store, model, RangeQuery.ForPrefix(Prefix));
    }

    private static long? Expectation(Random random, KeyValue? current) => random.Next(4) switch
    {
        0 => null,
        1 => 0,
        2 => Math.Max(1, (current?.ModRevision ?? 1) - 1),
        _ => current?.ModRevision ?? 0,
    };

    private static RangeQuery RandomQuery(Random random, StoreModel model)
    {
        string prefix = random.Next(3) == 0 ? Prefix : $"{Prefix}{(char)('a' + random.Next(4))}/";
        bool bounded = random.Next(4) == 0;
        return new RangeQuery
        {
            Prefix = bounded ? null : prefix,
            Start = bounded || random.Next(3) == 0 ? $"{prefix}{random.Next(12)}" : null,
            End = bounded ? $"{Prefix}{(char)('a' + random.Next(5))}/{random.Next(12)}" : null,
            Limit = random.Next(2) == 0 ? 0 : random.Next(1, 8),
            Revision = random.Next(2) == 0 ? 0 : random.NextInt64(Math.Max(1, model.Compacted - 3), model.Revision + 2),
            CountOnly = random.Next(8) == 0,
        };
    }

    private static void AssertSame(WriteResult expected, WriteResult actual)
    {
        Assert.Equal((expected.Succeeded, expected.Revision), (actual.Succeeded, actual.Revision));
        AssertSame(expected.Current, actual.Current);
    }

    private static void AssertSame(KeyValue? expected, KeyValue? actual) => Assert.Equal(Text(expected), Text(actual));

    private static string Text(KeyValue? pair) => pair is not { } p
        ? "none"
        : $"{p.Key}={Encoding.UTF8.GetString(p.Value.Span)} create {p.CreateRevision} mod {p.ModRevision} version {p.Version}";

    private async Task CompareRangeAsync(IKeyValueStore store, StoreModel model, RangeQuery query)
    {
        StoreErrorCode? expectedError = query.Revision > model.Revision ? StoreErrorCode.FutureRevision
            : query.Revision > 0 && query.Revision < model.Compacted ? StoreErrorCode.Compacted
            : null;
        if (expectedError is not null)
        {
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await store.RangeAsync(query, _ct));
            Assert.Equal(expectedError, e.Code);
            return;
        }

        RangeResult expected = model.Range(query);
        RangeResult actual = await store.RangeAsync(query, _ct);
        Assert.Equal((expected.Revision, expected.Count, expected.More), (actual.Revision, actual.Count, actual.More));
        Assert.Equal(expected.Items.Select(item => Text(item)), actual.Items.Select(item => Text(item)));
    }

    private async Task CompareWatchAsync(IKeyValueStore store, StoreModel model, long after, CancellationToken cancellationToken)
    {
        List<StoreEvent> events = [];
        long reached = after;
        try
        {
            await foreach (StoreWatchBatch batch in store.WatchAsync(Prefix, after, cancellationToken))
            {
                Assert.True(batch.Revision >= reached, "progress fell back");
                reached = batch.Revision;
                Assert.All(batch.Events, e => Assert.True(e.KeyValue.ModRevision <= batch.Revision));
                events.AddRange(batch.Events);
                if (events.Count > 0 && events[^1].KeyValue.Key == Prefix + "end")
                {
                    break;
                }
            }
        }
        catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
        {
            // Legitimate only for a watch that compaction overtook; what it delivered until then must still be right.
            Assert.True(e.CompactRevision > reached, $"compacted at {e.CompactRevision}, but had reached {reached}");
        }

        List<StoreEvent> expected = model.EventsAfter(after).Take(events.Count).ToList();
        Assert.Equal(
            expected.Select(e => $"{e.Type} {Text(e.KeyValue)}"),
            events.Select(e => $"{e.Type} {Text(e.KeyValue)}"));
        foreach ((StoreEvent want, StoreEvent got) in expected.Zip(events))
        {
            if (want.Type == StoreEventType.Delete && got.PrevValue is not null)
            {
                AssertSame(want.PrevValue, got.PrevValue);
            }
        }
    }
}
