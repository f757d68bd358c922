using System.Text;
using Xunit;

namespace KubeLite.Storage.Tests.Contract;

/// <summary>What every backend must do alike.</summary>
public abstract class StoreContractTests<TBackend>(TBackend backend) : IClassFixture<TBackend>
    where TBackend : class, IStoreBackend
{
    private static int s_prefixes;

    private readonly string _prefix = $"/registry/contract{Interlocked.Increment(ref s_prefixes)}/";
    private readonly CancellationToken _ct = Until.DeadlineToken();

    [SkippableFact]
    public async Task Put_NewKey_CanBeReadWithItsRevisions()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long before = await store.GetRevisionAsync(_ct);

        WriteResult written = await store.PutAsync(_prefix + "a", Bytes("one"), 0, null, _ct);

        Assert.True(written.Succeeded);
        Assert.Null(written.Current);
        Assert.Equal(before + 1, written.Revision);
        KeyValue read = Assert.NotNull(await store.GetAsync(_prefix + "a", _ct));
        Assert.Equal((_prefix + "a", "one", written.Revision, written.Revision, 1), Facts(read));
        Assert.Equal(written.Revision, await store.GetRevisionAsync(_ct));
    }

    [SkippableFact]
    public async Task Put_ExistingKeyExpectedAbsent_FailsWithCurrentPair()
    {
        IKeyValueStore store = await backend.OpenAsync();
        WriteResult first = await store.PutAsync(_prefix + "a", Bytes("one"), 0, null, _ct);

        WriteResult second = await store.PutAsync(_prefix + "a", Bytes("two"), 0, null, _ct);

        Assert.False(second.Succeeded);
        Assert.Equal(first.Revision, second.Revision);
        Assert.Equal((_prefix + "a", "one", first.Revision, first.Revision, 1), Facts(second.Current!.Value));
    }

    [SkippableFact]
    public async Task Put_AbsentKeyExpectedPresent_FailsWithoutCurrent()
    {
        IKeyValueStore store = await backend.OpenAsync();

        WriteResult result = await store.PutAsync(_prefix + "a", Bytes("one"), 1, null, _ct);

        Assert.False(result.Succeeded);
        Assert.Null(result.Current);
        Assert.Null(await store.GetAsync(_prefix + "a", _ct));
    }

    [SkippableFact]
    public async Task Put_MatchingRevision_KeepsCreateRevisionAndCountsVersion()
    {
        IKeyValueStore store = await backend.OpenAsync();
        WriteResult first = await store.PutAsync(_prefix + "a", Bytes("one"), 0, null, _ct);

        WriteResult second = await store.PutAsync(_prefix + "a", Bytes("two"), first.Revision, null, _ct);

        Assert.True(second.Succeeded);
        KeyValue read = Assert.NotNull(await store.GetAsync(_prefix + "a", _ct));
        Assert.Equal((_prefix + "a", "two", first.Revision, second.Revision, 2), Facts(read));
    }

    [SkippableFact]
    public async Task Put_EmptyValue_IsKept()
    {
        IKeyValueStore store = await backend.OpenAsync();

        await store.PutAsync(_prefix + "a", default, null, null, _ct);

        Assert.Equal(0, Assert.NotNull(await store.GetAsync(_prefix + "a", _ct)).Value.Length);
    }

    [SkippableFact]
    public async Task Put_EmptyKey_IsInvalid()
    {
        IKeyValueStore store = await backend.OpenAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await store.PutAsync("", Bytes("x"), null, null, _ct));

        Assert.Equal(StoreErrorCode.InvalidArgument, e.Code);
    }

    [SkippableFact]
    public async Task Put_HugeValue_IsTooLarge()
    {
        IKeyValueStore store = await backend.OpenAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(
            async () => await store.PutAsync(_prefix + "a", new byte[5 << 20], null, null, _ct));

        Assert.Equal(StoreErrorCode.TooLarge, e.Code);
        Assert.Null(await store.GetAsync(_prefix + "a", _ct));
    }

    [SkippableFact]
    public async Task Delete_MissingKey_DoesNotSucceed()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long before = await store.GetRevisionAsync(_ct);

        WriteResult unconditional = await store.DeleteAsync(_prefix + "a", null, _ct);
        WriteResult conditional = await store.DeleteAsync(_prefix + "a", 5, _ct);

        Assert.Equal(new WriteResult(false, before, null), unconditional);
        Assert.Equal(new WriteResult(false, before, null), conditional);
    }

    [SkippableFact]
    public async Task Delete_WrongRevision_FailsWithCurrentPair()
    {
        IKeyValueStore store = await backend.OpenAsync();
        WriteResult put = await store.PutAsync(_prefix + "a", Bytes("one"), null, null, _ct);

        WriteResult result = await store.DeleteAsync(_prefix + "a", put.Revision - 1, _ct);

        Assert.False(result.Succeeded);
        Assert.Equal(put.Revision, Assert.NotNull(result.Current).ModRevision);
    }

    [SkippableFact]
    public async Task Delete_ThenPut_BeginsAnew()
    {
        IKeyValueStore store = await backend.OpenAsync();
        WriteResult put = await store.PutAsync(_prefix + "a", Bytes("one"), null, null, _ct);

        WriteResult deleted = await store.DeleteAsync(_prefix + "a", put.Revision, _ct);
        Assert.Null(await store.GetAsync(_prefix + "a", _ct));
        WriteResult again = await store.PutAsync(_prefix + "a", Bytes("two"), 0, null, _ct);

        Assert.Equal(new WriteResult(true, put.Revision + 1, null), deleted);
        KeyValue read = Assert.NotNull(await store.GetAsync(_prefix + "a", _ct));
        Assert.Equal((_prefix + "a", "two", again.Revision, again.Revision, 1), Facts(read));
    }

    [SkippableFact]
    public async Task Range_Prefix_IsOrderedAndLeavesNeighboursOut()
    {
        IKeyValueStore store = await backend.OpenAsync();
        foreach (string key in new[] { "b", "a", "b/x", "c", "ab" })
        {
            await store.PutAsync(_prefix + "p/" + key, Bytes(key), null, null, _ct);
        }

        await store.PutAsync(_prefix + "p", Bytes("no"), null, null, _ct);
        await store.PutAsync(_prefix + "p0", Bytes("no"), null, null, _ct);

        RangeResult result = await store.RangeAsync(RangeQuery.ForPrefix(_prefix + "p/"), _ct);

        Assert.Equal(["a", "ab", "b", "b/x", "c"], result.Items.Select(item => item.Key[(_prefix.Length + 2)..]));
        Assert.Equal(5, result.Count);
        Assert.False(result.More);
        Assert.Equal(await store.GetRevisionAsync(_ct), result.Revision);
    }

    [SkippableFact]
    public async Task Range_Pages_CoverTheWholeAtOneRevision()
    {
        IKeyValueStore store = await backend.OpenAsync();
        for (int i = 0; i < 25; i++)
        {
            await store.PutAsync($"{_prefix}{i:d2}", Bytes("old"), null, null, _ct);
        }

        List<string> seen = [];
        RangeQuery query = new() { Prefix = _prefix, Limit = 10 };
        RangeResult page = await store.RangeAsync(query, _ct);
        long revision = page.Revision;
        Assert.Equal((10, 25, true), (page.Items.Count, (int)page.Count, page.More));
        await store.PutAsync(_prefix + "20", Bytes("new"), null, null, _ct);
        await store.DeleteAsync(_prefix + "21", null, _ct);
        await store.PutAsync(_prefix + "99", Bytes("new"), null, null, _ct);
        while (true)
        {
            seen.AddRange(page.Items.Select(item => item.Key[_prefix.Length..] + Encoding.UTF8.GetString(item.Value.Span)));
            if (!page.More)
            {
                break;
            }

            page = await store.RangeAsync(query with { Start = page.Items[^1].Key + "\0", Revision = revision }, _ct);
            Assert.Equal(revision, page.Revision);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i:d2}old"), seen);
    }

    [SkippableFact]
    public async Task Range_CountOnly_ReturnsNoItems()
    {
        IKeyValueStore store = await backend.OpenAsync();
        await store.PutAsync(_prefix + "a", Bytes("x"), null, null, _ct);
        await store.PutAsync(_prefix + "b", Bytes("x"), null, null, _ct);

        RangeResult result = await store.RangeAsync(new RangeQuery { Prefix = _prefix, CountOnly = true }, _ct);

        Assert.Equal(2, result.Count);
        Assert.Empty(result.Items);
    }

    [SkippableFact]
    public async Task Range_FutureRevision_Throws()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long now = await store.GetRevisionAsync(_ct);

        StoreException e = await Assert.ThrowsAsync<StoreException>(
            async () => await store.RangeAsync(new RangeQuery { Prefix = _prefix, Revision = now + 1000 }, _ct));

        Assert.Equal(StoreErrorCode.FutureRevision, e.Code);
    }

    [SkippableFact]
    public async Task Compact_OlderReadsAndWatches_FailNewerOnesWork()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long first = (await store.PutAsync(_prefix + "a", Bytes("one"), null, null, _ct)).Revision;
        long second = (await store.DeleteAsync(_prefix + "a", null, _ct)).Revision;
        long third = (await store.PutAsync(_prefix + "a", Bytes("three"), null, null, _ct)).Revision;

        await store.CompactAsync(second, _ct);

        Assert.True(store.CompactedRevision >= second);
        StoreException range = await Assert.ThrowsAsync<StoreException>(
            async () => await store.RangeAsync(new RangeQuery { Prefix = _prefix, Revision = first }, _ct));
        Assert.Equal(StoreErrorCode.Compacted, range.Code);
        Assert.Empty((await store.RangeAsync(new RangeQuery { Prefix = _prefix, Revision = second }, _ct)).Items);
        StoreException watch = await Assert.ThrowsAsync<StoreException>(async () => await CollectAsync(store, _prefix, first, third));
        Assert.Equal((StoreErrorCode.Compacted, second), (watch.Code, watch.CompactRevision));
        Assert.Equal([third], (await CollectAsync(store, _prefix, second, third)).Select(e => e.KeyValue.ModRevision));
    }

    [SkippableFact]
    public async Task Compact_Again_DoesNothing()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long revision = (await store.PutAsync(_prefix + "a", Bytes("one"), null, null, _ct)).Revision;

        await store.CompactAsync(revision, _ct);
        await store.CompactAsync(revision, _ct);
        await store.CompactAsync(revision - 1, _ct);

        Assert.Equal("one", Encoding.UTF8.GetString(Assert.NotNull(await store.GetAsync(_prefix + "a", _ct)).Value.Span));
    }

    [SkippableFact]
    public async Task Watch_FromPast_YieldsHistoryThenNewEvents()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long start = await store.GetRevisionAsync(_ct);
        await store.PutAsync(_prefix + "a", Bytes("one"), null, null, _ct);
        await store.PutAsync("/registry/elsewhere/a", Bytes("no"), null, null, _ct);
        long last = (await store.PutAsync(_prefix + "a", Bytes("two"), null, null, _ct)).Revision;

        Task<List<StoreEvent>> collecting = CollectAsync(store, _prefix, start, last + 2);
        await store.DeleteAsync(_prefix + "a", null, _ct);
        await store.PutAsync(_prefix + "b", Bytes("three"), null, null, _ct);

        List<StoreEvent> events = await collecting;
        Assert.Equal(
            ["Put a one", "Put a two", "Delete a ", "Put b three"],
            events.Select(e => $"{e.Type} {e.KeyValue.Key[_prefix.Length..]} {Encoding.UTF8.GetString(e.KeyValue.Value.Span)}"));
        KeyValue before = Assert.NotNull(events[2].PrevValue);
        Assert.Equal((_prefix + "a", "two", start + 1, last, 2), Facts(before));
        Assert.Equal(last + 1, events[2].KeyValue.ModRevision);
    }

    [SkippableFact]
    public async Task Watch_OnlyOtherKeysChange_ProgressReachesTheirRevision()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long start = await store.GetRevisionAsync(_ct);
        await using IAsyncEnumerator<StoreWatchBatch> watch = store.WatchAsync(_prefix, start, _ct).GetAsyncEnumerator(_ct);
        Task<bool> next = watch.MoveNextAsync().AsTask();
        long wanted = (await store.PutAsync("/registry/elsewhere/a", Bytes("x"), null, null, _ct)).Revision;

        long reached = 0;
        while (reached < wanted)
        {
            await Until.TrueAsync(
                async () =>
                {
                    await store.RequestProgressAsync(_ct);
                    return next.IsCompleted;
                },
                "a progress batch");
            Assert.True(await next);
            Assert.Empty(watch.Current.Events);
            reached = watch.Current.Revision;
            next = watch.MoveNextAsync().AsTask();
        }

        // A pending MoveNext must end before the enumerator is disposed.
        await store.PutAsync(_prefix + "end", Bytes("x"), null, null, _ct);
        Assert.True(await next);
    }

    [SkippableFact]
    public async Task Watch_Cancelled_EndsWithCancellation()
    {
        IKeyValueStore store = await backend.OpenAsync();
        using CancellationTokenSource cancel = new();
        Task watching = Task.Run(async () =>
        {
            await foreach (StoreWatchBatch batch in store.WatchAsync(_prefix, await store.GetRevisionAsync(_ct), cancel.Token))
            {
                Assert.Empty(batch.Events);
            }
        });

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching.WaitAsync(Until.Deadline));
    }

    [SkippableFact]
    public async Task Put_TimeToLive_DeletesWithEvent()
    {
        IKeyValueStore store = await backend.OpenAsync();
        long start = await store.GetRevisionAsync(_ct);
        await store.PutAsync(_prefix + "short", Bytes("x"), null, TimeSpan.FromSeconds(1), _ct);
        await store.PutAsync(_prefix + "kept", Bytes("x"), null, TimeSpan.FromSeconds(1), _ct);
        await store.PutAsync(_prefix + "kept", Bytes("y"), null, null, _ct);

        backend.LetPass(TimeSpan.FromSeconds(90));

        await Until.TrueAsync(async () => await store.GetAsync(_prefix + "short", _ct) is null, "the key has expired");
        Assert.NotNull(await store.GetAsync(_prefix + "kept", _ct));
        List<StoreEvent> events = await CollectAsync(store, _prefix, start, start + 4);
        Assert.Equal((StoreEventType.Delete, _prefix + "short"), (events[^1].Type, events[^1].KeyValue.Key));
        Assert.Equal(start + 1, Assert.NotNull(events[^1].PrevValue).ModRevision);
    }

    [SkippableFact]
    public async Task Put_ManyAtOnceOnOneKey_ExactlyOneWinsEachRevision()
    {
        IKeyValueStore store = await backend.OpenAsync();
        WriteResult[] results = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            i => Task.Run(async () => await store.PutAsync(_prefix + "a", Bytes($"{i}"), 0, null, _ct))));

        WriteResult winner = Assert.Single(results, result => result.Succeeded);
        Assert.All(results.Where(r => !r.Succeeded), r => Assert.Equal(winner.Revision, r.Current!.Value.ModRevision));
    }

    [SkippableFact]
    public async Task CheckHealth_Running_Returns()
    {
        IKeyValueStore store = await backend.OpenAsync();

        await store.CheckHealthAsync(_ct);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static (string Key, string Value, long Create, long Mod, long Version) Facts(KeyValue pair) =>
        (pair.Key, Encoding.UTF8.GetString(pair.Value.Span), pair.CreateRevision, pair.ModRevision, pair.Version);

    private async Task<List<StoreEvent>> CollectAsync(IKeyValueStore store, string prefix, long after, long until)
    {
        List<StoreEvent> events = [];
        await foreach (StoreWatchBatch batch in store.WatchAsync(prefix, after, _ct))
        {
            events.AddRange(batch.Events);
            if (batch.Revision >= until)
            {
                break;
            }
        }

        return events;
    }
}
