using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeLite.ApiServer.Tests.FlowControl;

public sealed class WorkEstimateTests
{
    private readonly WatchTracker _watches = new();

    [Theory]
    [InlineData("PUT", "/api/v1/namespaces/a/configmaps/c", 3, 5)]
    [InlineData("POST", "/api/v1/namespaces/a/configmaps", 2, 5)]
    [InlineData("DELETE", "/api/v1/namespaces/b/configmaps/c", 1, 5)]
    [InlineData("PUT", "/api/v1/namespaces/a/secrets/c", 0, 0)]
    [InlineData("GET", "/api/v1/namespaces/a/configmaps/c", 0, 0)]
    public void Of_Write_HoldsSeatsForThoseWhoWatch(string method, string path, int seats, int milliseconds)
    {
        Watch("/api/v1/configmaps", 10);
        Watch("/api/v1/namespaces/a/configmaps", 10);
        Watch("/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name=c", 5);

        WorkEstimate work = Estimate(method, path);

        Assert.Equal(new WorkEstimate(1, seats, TimeSpan.FromMilliseconds(milliseconds)), work);
    }

    [Fact]
    public void Of_WriteThatVeryManyWatch_IsNarrowedAndTakesLonger()
    {
        Watch("/api/v1/pods", 400);
        Watch("/api/v1/pods?fieldSelector=spec.nodeName=n", 1000);

        Assert.Equal(new WorkEstimate(1, 10, TimeSpan.FromMilliseconds(20)), Estimate("DELETE", "/api/v1/namespaces/a/pods/p"));
        Assert.Equal(new WorkEstimate(1, 4, TimeSpan.FromMilliseconds(50)), Estimate("DELETE", "/api/v1/namespaces/a/pods/p").Within(4));
    }

    [Fact]
    public void Forget_WatchHasEnded_IsCountedNoMore()
    {
        ApiRequest watch = Request("GET", "/api/v1/configmaps?watch=1");
        _watches.Add(watch);
        _watches.Forget(watch);

        Assert.Equal(0, _watches.CountFor(Request("POST", "/api/v1/namespaces/a/configmaps").Info));
    }

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(100_000, true, 1)]
    [InlineData(100_001, true, 2)]
    [InlineData(50_000_000, true, 10)]
    [InlineData(5_000_000, false, 50)]
    [InlineData(50_000_000, false, 100)]
    public void SeatsFor_List_AreThoseOfItsMemory(long bytes, bool fromCache, int seats) =>
        Assert.Equal(seats, WorkEstimator.SeatsFor(bytes, fromCache, 100));

    [Fact]
    public void RetryAfter_ManyAreTurnedAway_DoublesUpTo32AndComesDownAgain()
    {
        var dropped = new DroppedRequests();
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);
        var seen = new List<int> { dropped.RetryAfter };
        for (int second = 0; second < 70; second++)
        {
            for (int i = 0; i < 10; i++)
            {
                dropped.Add(now.AddSeconds(second));
            }

            seen.Add(dropped.RetryAfter);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32], seen.Distinct());
        for (int i = 1; i <= 31; i++)
        {
            dropped.Add(now.AddSeconds(70 + (100 * i)));
        }

        Assert.Equal(1, dropped.RetryAfter);
    }

    private void Watch(string path, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _watches.Add(Request("GET", path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "watch=1"));
        }
    }

    private WorkEstimate Estimate(string method, string path) =>
        new WorkEstimator(null!, _watches, TimeProvider.System).Of(Request(method, path), 0);

    private static ApiRequest Request(string method, string path)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        string[] parts = path.Split('?');
        http.Request.Path = parts[0];
        http.Request.QueryString = new QueryString(parts.Length > 1 ? "?" + parts[1] : "");
        return new ApiRequest(http, RequestInfo.Of(http.Request), DateTimeOffset.UnixEpoch);
    }
}
