using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private static readonly V1Pod s_pod =
        new() { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u" } };

    private FakeApiServer _server = null!;
    private ApiClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = _server.NewClient();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Record_SameEventThrice_OneEventWithCount()
    {
        await using var recorder = new EventRecorder(_client, "test", "", TimeProvider.System, NullLogger.Instance);
        for (var i = 0; i < 3; i++)
        {
            recorder.Record(s_pod, "Normal", "Tried", "again");
        }
        await _server.UntilAsync(() => _server.List<Corev1Event>() is [{ Count: 3 }], "the count is 3");
        var written = _server.List<Corev1Event>()[0];
        Assert.StartsWith("p.", written.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("test", written.Source.Component);
        Assert.Equal("test", written.ReportingComponent);
        Assert.Equal("u", written.InvolvedObject.Uid);
    }

    [Fact]
    public async Task Record_ManyAlike_AreCombined()
    {
        await using (var recorder = new EventRecorder(_client, "test", "", TimeProvider.System, NullLogger.Instance))
        {
            for (var i = 0; i < 15; i++)
            {
                recorder.Record(s_pod, "Warning", "Failed", "message " + i);
            }
        }
        var events = _server.List<Corev1Event>();
        Assert.Equal(10, events.Count);
        Assert.Single(events, e => e.Message.StartsWith("(combined from similar events): ", StringComparison.Ordinal) && e.Count == 6);
    }

    [Fact]
    public async Task Record_Flood_IsCutShort()
    {
        await using (var recorder = new EventRecorder(_client, "test", "", TimeProvider.System, NullLogger.Instance))
        {
            for (var i = 0; i < 100; i++)
            {
                recorder.Record(s_pod, "Warning", "Failed", "same");
            }
        }
        Assert.Equal(25, _server.List<Corev1Event>().Single().Count);
    }
}
