using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Tests.Contract;
using Xunit;

namespace KubeLite.Storage.Tests.Embedded;

public sealed class WriteQueueTests
{
    [Fact]
    public async Task Take_FullQueueWithInternalRequestsOnTop_GivesAllRoomBack()
    {
        using WriteQueue queue = new();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 4096; i++)
            {
                await queue.AddAsync(Request(), Until.DeadlineToken());
            }

            for (int i = 0; i < 600; i++)
            {
                Assert.True(queue.AddInternal(Request()));
            }

            List<WriteRequest> batch = [];
            int taken = 0;
            while (taken < 4696)
            {
                Assert.True(queue.Take(batch, 500, wait: false));
                Assert.NotEmpty(batch);
                taken += batch.Count;
                batch.Clear();
            }
        }
    }

    [Fact]
    public async Task Close_RequestsWaiting_AreStillTaken()
    {
        using WriteQueue queue = new();
        await queue.AddAsync(Request(), Until.DeadlineToken());

        queue.Close();

        List<WriteRequest> batch = [];
        Assert.True(queue.Take(batch, 10, wait: true));
        Assert.Single(batch);
        batch.Clear();
        Assert.False(queue.Take(batch, 10, wait: true));
        await Assert.ThrowsAsync<StoreException>(async () => await queue.AddAsync(Request(), Until.DeadlineToken()));
    }

    private static WriteRequest Request() => new(WriteKind.Ping, "", default, null, null);
}
