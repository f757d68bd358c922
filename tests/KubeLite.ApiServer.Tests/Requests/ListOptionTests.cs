using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Requests;

public sealed class ListOptionTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("limit=abc", "strconv.ParseInt: parsing \"abc\": invalid syntax")]
    [InlineData("fieldSelector=a%3Db", "field label not supported: a")]
    [InlineData(
        "resourceVersion=x",
        "invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("continue=x", null)]
    [InlineData("labelSelector=a%3D%3D%3Db", null)]
    [InlineData("labelSelector=a%20in%20(", null)]
    [InlineData("fieldSelector=nonsense", null)]
    public async Task List_BadOption_Is400(string query, string? message)
    {
        ApiAnswer answer = await server.SendAsync("GET", $"{ConfigMaps}?{query}");

        Assert.Equal(400, answer.Code);
        Assert.Equal("BadRequest", answer.Reason);
        if (message is not null && !query.StartsWith("fieldSelector", StringComparison.Ordinal))
        {
            Assert.Equal(message, answer.Message);
        }
    }

    [Theory]
    [InlineData(
        "resourceVersionMatch=Exact",
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData(
        "resourceVersionMatch=Exact&resourceVersion=0",
        "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData(
        "resourceVersionMatch=Nope&resourceVersion=1",
        "resourceVersionMatch: Unsupported value: \"Nope\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData(
        "watch=1&sendInitialEvents=true",
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData(
        "watch=1&resourceVersionMatch=NotOlderThan",
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    public async Task List_OptionsThatExclude_Is422(string query, string message)
    {
        ApiAnswer answer = await server.SendAsync("GET", $"{ConfigMaps}?{query}");

        Assert.Equal(422, answer.Code);
        Assert.Equal($"ListOptions.meta.k8s.io \"\" is invalid: {message}", answer.Message);
    }

    [Fact]
    public async Task List_RevisionOfTheFuture_Is504WithRetry()
    {
        ApiAnswer answer = await server.SendAsync("GET", $"{ConfigMaps}?resourceVersion=1000000");

        Assert.Equal(504, answer.Code);
        Assert.Equal("Timeout", answer.Reason);
        Assert.StartsWith("Timeout: Too large resource version: 1000000, current: ", answer.Message);
        Assert.Equal("1", answer.Headers["Retry-After"]);
    }

    [Fact]
    public async Task List_ExactRevision_IsThatOne()
    {
        string ns = await server.NewNamespaceAsync();
        ApiAnswer first = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"b"}}""");
        string version = (string)first.Json["metadata"]!["resourceVersion"]!;

        ApiAnswer list = await server.SendAsync(
            "GET", $"/api/v1/namespaces/{ns}/configmaps?resourceVersion={version}&resourceVersionMatch=Exact");

        Assert.Equal(version, (string)list.Json["metadata"]!["resourceVersion"]!);
        Assert.Equal(["a"], list.Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
    }

    [Fact]
    public async Task List_Pages_GiveEveryObjectOnceAndCountTheRest()
    {
        string ns = await server.NewNamespaceAsync();
        for (int i = 0; i < 5; i++)
        {
            await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/configmaps", ApiServerFixture.Named($"m{i}"));
        }

        var seen = new List<string>();
        var remaining = new List<long?>();
        string? token = "";
        while (token is not null)
        {
            ApiAnswer page = await server.SendAsync(
                "GET", $"/api/v1/namespaces/{ns}/configmaps?limit=2&continue={Uri.EscapeDataString(token)}");
            seen.AddRange(page.Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
            remaining.Add((long?)page.Json["metadata"]!["remainingItemCount"]);
            token = (string?)page.Json["metadata"]!["continue"];
            // What is made between two pages isn't part of the list.
            await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/configmaps", ApiServerFixture.Named($"z{seen.Count}"));
        }

        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], seen);
        Assert.Equal([3, 1, null], remaining);
    }
}
