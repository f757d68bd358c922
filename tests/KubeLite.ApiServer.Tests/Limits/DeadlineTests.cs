using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Limits;

public sealed class DeadlineTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("abc", "invalid duration \"abc\"")]
    [InlineData("5", "missing unit in duration \"5\"")]
    public async Task Get_TimeoutIsNoDuration_Is400(string timeout, string why)
    {
        ApiAnswer answer = await server.SendAsync("GET", $"{ConfigMaps}?timeout={timeout}");

        Assert.Equal(400, answer.Code);
        Assert.Equal($"invalid timeout specified in the request URL - time: {why}", answer.Message);
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("10h")]
    [InlineData("-5s")]
    public async Task Get_TimeoutThatTheServerReplaces_IsServed(string timeout) =>
        Assert.Equal(200, (await server.SendAsync("GET", $"{ConfigMaps}?timeout={timeout}")).Code);

    [Fact]
    public async Task Post_BodyDoesNotComeInTime_Is504()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(
            $"POST {ConfigMaps}?timeout=50ms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ApiServerFixture.AdminToken}\r\n" +
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{");

        string head = await connection.ReadHeadAsync();
        string body = await connection.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", head);
        Assert.Contains("\"message\":\"Timeout: request did not complete within the allotted timeout\",\"reason\":\"Timeout\"", body);
    }

    [Fact]
    public async Task Watch_TimeoutSeconds_EndsTheStream()
    {
        ApiAnswer answer = await server.SendAsync("GET", $"{ConfigMaps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dnope");

        Assert.Equal(200, answer.Code);
        Assert.Empty(answer.Bytes);
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-1")]
    public async Task Watch_AbsurdTimeoutSeconds_IsServed(string seconds)
    {
        using HttpResponseMessage response = await server.Admin.GetAsync(
            $"{ConfigMaps}?watch=1&timeoutSeconds={seconds}", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(200, (int)response.StatusCode);
    }
}
