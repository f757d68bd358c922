using System.Runtime.InteropServices;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.PodTopologySpread;

/// <summary>How many matching Pods each domain of each constraint has.</summary>
internal sealed class DomainCounts : ICycleData
{
    private readonly Dictionary<string, int>[] _counts;
    private readonly int[] _minimum;

    /// <summary>Makes empty counts.</summary>
    public DomainCounts(SpreadConstraint[] constraints)
    {
        Constraints = constraints;
        _counts = new Dictionary<string, int>[constraints.Length];
        _minimum = new int[constraints.Length];
        for (var i = 0; i < constraints.Length; i++)
        {
            _counts[i] = new(StringComparer.Ordinal);
            _minimum[i] = -1;
        }
    }

    private DomainCounts(DomainCounts other)
    {
        Constraints = other.Constraints;
        _counts = new Dictionary<string, int>[other._counts.Length];
        _minimum = [.. other._minimum];
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] = new(other._counts[i], StringComparer.Ordinal);
        }
    }

    /// <summary>The constraints, in the order of the indexes.</summary>
    public SpreadConstraint[] Constraints { get; }

    /// <summary>Adds to a domain, which thereby exists.</summary>
    public void Add(int constraint, string domain, int count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts[constraint], domain, out _) += count;
        _minimum[constraint] = -1;
    }

    /// <summary>The Pods of a domain.</summary>
    public int Of(int constraint, string domain) => _counts[constraint].GetValueOrDefault(domain);

    /// <summary>The Pods of the emptiest domain; 0 when there are fewer domains than the constraint asks for.</summary>
    public int Minimum(int constraint)
    {
        if (_counts[constraint].Count < Constraints[constraint].MinDomains)
        {
            return 0;
        }

        if (_minimum[constraint] < 0)
        {
            var minimum = int.MaxValue;
            foreach (var count in _counts[constraint].Values)
            {
                minimum = Math.Min(minimum, count);
            }

            _minimum[constraint] = minimum == int.MaxValue ? 0 : minimum;
        }

        return _minimum[constraint];
    }

    /// <inheritdoc/>
    public ICycleData Clone() => new DomainCounts(this);
}
