using KubeLite.Storage.Embedded.Memory;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Extensions.Time.Testing;

namespace KubeLite.Storage.Tests.Embedded;

public sealed class MemoryBackend : IStoreBackend, IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store;

    public MemoryBackend()
    {
        _store = new MemoryStore(new MemoryStoreOptions(), _time);
    }

    public ValueTask<IKeyValueStore> OpenAsync() => new(_store);

    public void LetPass(TimeSpan time) => _time.Advance(time);

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}

public sealed class MemoryStoreContractTests(MemoryBackend backend) : StoreContractTests<MemoryBackend>(backend);

public sealed class MemoryStoreModelTests(MemoryBackend backend, Xunit.Abstractions.ITestOutputHelper output)
    : StoreModelTests<MemoryBackend>(backend, output);
