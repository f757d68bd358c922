using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>Addresses and ports of Services: what can't be had, and what an update keeps.</summary>
public sealed class ServiceAllocationTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData(
        """{"ports":[{"port":80}],"clusterIP":"10.96.0.0"}""", 422,
        "spec.clusterIPs: Invalid value: [\"10.96.0.0\"]: failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/12")]
    [InlineData(
        """{"ports":[{"port":80}],"ipFamilyPolicy":"RequireDualStack"}""", 422,
        "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData(
        """{"ports":[{"port":80}],"ipFamilies":["IPv4","IPv6"]}""", 422,
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")]
    [InlineData(
        """{"ports":[{"port":80}],"ipFamilies":["IPv6"]}""", 422,
        "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData(
        """{"ports":[{"port":80}],"clusterIP":"fd00::1"}""", 422,
        "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this cluster")]
    [InlineData(
        """{"type":"NodePort","ports":[{"port":80,"nodePort":1}]}""", 422,
        "spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767")]
    [InlineData(
        """{"type":"NodePort","ports":[{"port":0,"nodePort":1}],"sessionAffinity":"Sometimes"}""", 422,
        "spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767")]
    [InlineData(
        """{"type":"NodePort","ports":[{"name":"a","port":80,"nodePort":30971},{"name":"b","port":81,"nodePort":30971,"protocol":"UDP"}]}""",
        422, "spec.ports[1].nodePort: Invalid value: 30971: provided port is already allocated")]
    public async Task Post_WhatCannotBeHad_IsTheOnlyFault(string spec, int code, string fault)
    {
        ApiAnswer answer = await PostAsync(await server.NewNamespaceAsync(), spec);

        Assert.Equal((code, $"Service \"s\" is invalid: {fault}"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Post_HealthPortOutOfRange_IsInternal()
    {
        ApiAnswer answer = await PostAsync(
            await server.NewNamespaceAsync(),
            """{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":7,"ports":[{"port":80}]}""");

        Assert.Equal(500, answer.Code);
        Assert.Equal(
            "Internal error occurred: failed to allocate requested HealthCheck NodePort 7: provided port is not in the valid range. The range of valid ports is 30000-32767",
            answer.Message);
    }

    [Fact]
    public async Task Post_OnePortOfTwoProtocols_SharesTheNodePort()
    {
        ApiAnswer answer = await PostAsync(
            await server.NewNamespaceAsync(),
            """{"type":"NodePort","ports":[{"name":"t","port":53},{"name":"u","port":53,"protocol":"UDP"},{"name":"o","port":54}]}""");

        int[] ports = NodePorts(answer);
        Assert.Equal(ports[0], ports[1]);
        Assert.NotEqual(ports[0], ports[2]);
    }

    [Fact]
    public async Task Post_AddressesToChoose_LeavesTheLowerOnesToThoseWhoNameThem()
    {
        await using ApiServerFixture small = await ApiServerFixture.StartAsync(o => o with { ServiceClusterIpRange = "10.7.0.0/26" });
        var given = new List<int>();
        ApiAnswer answer;
        while ((answer = await small.SendAsync(
            "POST", "/api/v1/namespaces/default/services",
            $$$"""{"metadata":{"name":"s{{{given.Count}}}"},"spec":{"ports":[{"port":80}]}}""")).Code == 201)
        {
            given.Add(
                int.Parse(((string)answer.Json["spec"]!["clusterIP"]!).Split('.')[3], System.Globalization.CultureInfo.InvariantCulture));
        }

        // .1 is the kubernetes Service's; the lower band has 15 places.
        Assert.Equal("Internal error occurred: failed to allocate a serviceIP for Service \"s61\": range is full", answer.Message);
        Assert.Equal(Enumerable.Range(2, 61), given.Order());
        Assert.All(given[..32], place => Assert.InRange(place, 31, 62));
        Assert.All(given[..47], place => Assert.InRange(place, 16, 62));
    }

    [Fact]
    public async Task Post_DryRun_MakesUpWhatItWouldGet()
    {
        string ns = await server.NewNamespaceAsync();

        ApiAnswer answer = await PostAsync(
            ns, """{"type":"NodePort","ports":[{"name":"a","port":1},{"name":"b","port":2}]}""", "?dryRun=All");

        Assert.Equal("10.96.0.0", (string?)answer.Json["spec"]!["clusterIP"]);
        Assert.Equal([32769, 32770], NodePorts(answer));
    }

    [Fact]
    public async Task Put_WithoutNodePorts_KeepsThemByName()
    {
        string ns = await server.NewNamespaceAsync();
        int[] before = NodePorts(await PostAsync(ns, """{"type":"NodePort","ports":[{"name":"a","port":1},{"name":"b","port":2}]}"""));

        ApiAnswer answer = await PutAsync(ns, """{"type":"NodePort","ports":[{"name":"b","port":22},{"name":"c","port":1}]}""");

        int[] after = NodePorts(answer);
        Assert.Equal(before[1], after[0]);
        Assert.NotEqual(before[0], after[1]);
    }

    [Theory]
    [InlineData(
        """{"ports":[{"port":80}],"ipFamilyPolicy":"RequireDualStack"}""", 422,
        "Service \"s\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData(
        """{"type":"NodePort","ports":[{"name":"a","port":80,"nodePort":30972},{"name":"b","port":81,"nodePort":30972}]}""", 500,
        "duplicate nodePort: {TCP 30972}")]
    [InlineData(
        """{"type":"NodePort","ports":[{"port":80,"nodePort":7}]}""", 422,
        "Service \"s\" is invalid: spec.ports[0].nodePort: Invalid value: 7: provided port is not in the valid range. The range of valid ports is 30000-32767")]
    public async Task Put_WhatCannotBeHad_IsTheOnlyFault(string spec, int code, string message)
    {
        string ns = await server.NewNamespaceAsync();
        await PostAsync(ns, """{"ports":[{"port":80}]}""");

        ApiAnswer answer = await PutAsync(ns, spec);

        Assert.Equal((code, message), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Put_NoLongerOfNodes_GivesThePortsBack()
    {
        string ns = await server.NewNamespaceAsync();
        await PostAsync(ns, """{"type":"NodePort","ports":[{"port":80,"nodePort":30973}]}""");

        ApiAnswer changed = await PutAsync(ns, """{"type":"ClusterIP","ports":[{"port":80,"nodePort":30973}]}""");
        ApiAnswer other = await PostAsync(
            await server.NewNamespaceAsync(), """{"type":"NodePort","ports":[{"port":80,"nodePort":30973}]}""");

        Assert.Null(changed.Json["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Equal(201, other.Code);
    }

    private static int[] NodePorts(ApiAnswer service) => [.. service.Json["spec"]!["ports"]!.AsArray().Select(p => (int)p!["nodePort"]!)];

    private Task<ApiAnswer> PostAsync(string ns, string spec, string query = "") =>
        server.SendAsync("POST", $"/api/v1/namespaces/{ns}/services{query}", $$"""{"metadata":{"name":"s"},"spec":{{spec}}}""");

    private Task<ApiAnswer> PutAsync(string ns, string spec) =>
        server.SendAsync("PUT", $"/api/v1/namespaces/{ns}/services/s", $$"""{"metadata":{"name":"s"},"spec":{{spec}}}""");
}
