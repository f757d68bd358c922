using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.Scheduler.Framework;

/// <summary>Amounts of resources as whole numbers: milli-CPU, bytes, counts. Parsed once, then only added and compared.</summary>
internal sealed class ResourceVector
{
    /// <summary>What a container that requests no CPU counts for when nodes are scored: 100 milli-CPU.</summary>
    public const long DefaultMilliCpu = 100;

    /// <summary>What a container that requests no memory counts for when nodes are scored: 200 MiB.</summary>
    public const long DefaultMemory = 200L << 20;

    /// <summary>CPU in thousandths of a core.</summary>
    public long MilliCpu { get; set; }

    /// <summary>Memory in bytes.</summary>
    public long Memory { get; set; }

    /// <summary>Ephemeral storage in bytes.</summary>
    public long EphemeralStorage { get; set; }

    /// <summary>How many Pods; only set of what a node offers.</summary>
    public int Pods { get; set; }

    /// <summary>Extended resources and huge pages by name; null when there are none.</summary>
    public Dictionary<string, long>? Scalars { get; private set; }

    /// <summary>Parses what the API holds.</summary>
    public static ResourceVector Parse(IDictionary<string, ResourceQuantity>? amounts)
    {
        var result = new ResourceVector();
        if (amounts is null)
        {
            return result;
        }

        foreach (var (name, quantity) in amounts)
        {
            switch (name)
            {
                case "cpu":
                    result.MilliCpu = Quantities.MilliValue(quantity);
                    break;
                case "memory":
                    result.Memory = Quantities.Value(quantity);
                    break;
                case "ephemeral-storage":
                    result.EphemeralStorage = Quantities.Value(quantity);
                    break;
                case "pods":
                    result.Pods = (int)Math.Min(int.MaxValue, Quantities.Value(quantity));
                    break;
                default:
                    (result.Scalars ??= new(StringComparer.Ordinal))[name] = Quantities.Value(quantity);
                    break;
            }
        }

        return result;
    }

    /// <summary>The amount of an extended resource; 0 when there is none.</summary>
    public long Scalar(string name) => Scalars is not null && Scalars.TryGetValue(name, out var amount) ? amount : 0;

    /// <summary>Adds <paramref name="sign"/> (1 or -1) times the other amounts; Pods are not counted.</summary>
    public void Add(ResourceVector other, int sign)
    {
        MilliCpu += sign * other.MilliCpu;
        Memory += sign * other.Memory;
        EphemeralStorage += sign * other.EphemeralStorage;
        if (other.Scalars is null)
        {
            return;
        }

        Scalars ??= new(StringComparer.Ordinal);
        foreach (var (name, amount) in other.Scalars)
        {
            Scalars[name] = Scalars.GetValueOrDefault(name) + (sign * amount);
        }
    }

    /// <summary>Raises every amount to at least the other's.</summary>
    public void Max(ResourceVector other)
    {
        MilliCpu = Math.Max(MilliCpu, other.MilliCpu);
        Memory = Math.Max(Memory, other.Memory);
        EphemeralStorage = Math.Max(EphemeralStorage, other.EphemeralStorage);
        if (other.Scalars is null)
        {
            return;
        }

        Scalars ??= new(StringComparer.Ordinal);
        foreach (var (name, amount) in other.Scalars)
        {
            Scalars[name] = Math.Max(Scalars.GetValueOrDefault(name), amount);
        }
    }

    /// <summary>A copy that shares nothing.</summary>
    public ResourceVector Clone() => new()
    {
        MilliCpu = MilliCpu,
        Memory = Memory,
        EphemeralStorage = EphemeralStorage,
        Pods = Pods,
        Scalars = Scalars is null ? null : new(Scalars, StringComparer.Ordinal),
    };
}
