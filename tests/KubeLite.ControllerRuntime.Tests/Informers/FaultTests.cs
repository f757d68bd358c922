using k8s.Models;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Informers;

public sealed class FaultTests
{
    [Fact]
    public async Task Handler_Throws_TheErrorIsLoggedAndEndsTheInformer()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var client = server.NewClient();
        var log = new ErrorLog();
        var informer = new SharedInformer<V1ConfigMap>(
            client.Resource<V1ConfigMap>(), InformerSelection.All, TimeProvider.System, log);
        informer.AddHandler(new FaultyHandler());
        informer.Start();
        await client.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "ns" } }, default);

        var error = await log.First.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("a fault", error?.Message);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await informer.DisposeAsync());
    }

    private sealed class FaultyHandler : IResourceEventHandler<CachedObject<V1ConfigMap>>
    {
        public void OnAdd(CachedObject<V1ConfigMap> item, bool initial) => throw new NotSupportedException("a fault");

        public void OnUpdate(CachedObject<V1ConfigMap> old, CachedObject<V1ConfigMap> item)
        {
        }

        public void OnDelete(CachedObject<V1ConfigMap> item)
        {
        }
    }

    private sealed class ErrorLog : ILogger
    {
        private readonly TaskCompletionSource<Exception?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception?> First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
            {
                _first.TrySetResult(exception);
            }
        }
    }
}
