using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.EndpointSlices;

/// <summary>The slices that were written for a Service and whose writes the cache hasn't shown. Thread-safe.</summary>
internal sealed class SliceExpectations
{
    private readonly ConcurrentDictionary<ObjectKey, ConcurrentDictionary<string, long>> _byService = new();

    internal void Written(ObjectKey service, V1EndpointSlice slice) =>
        _byService.GetOrAdd(service, static _ => new())[slice.Metadata.Name] = slice.Metadata.Generation ?? 0;

    internal void Deleted(ObjectKey service, string slice) => _byService.GetOrAdd(service, static _ => new())[slice] = long.MaxValue;

    /// <summary>Whether the cache shows everything that was written.</summary>
    internal bool UpToDate(ObjectKey service, IReadOnlyList<V1EndpointSlice> cached)
    {
        if (!_byService.TryGetValue(service, out var written))
        {
            return true;
        }
        foreach (var (name, generation) in written)
        {
            var slice = cached.FirstOrDefault(s => s.Metadata.Name == name);
            if (generation == long.MaxValue ? slice is not null : slice is null || (slice.Metadata.Generation ?? 0) < generation)
            {
                return false;
            }
        }
        _byService.TryRemove(service, out _);
        return true;
    }

    internal void Gone(ObjectKey service, string slice)
    {
        if (_byService.TryGetValue(service, out var written))
        {
            written.TryRemove(slice, out _);
        }
    }

    internal void Forget(ObjectKey service) => _byService.TryRemove(service, out _);
}
