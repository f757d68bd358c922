using System.Globalization;

namespace KubeLite.System.Tests.Faults;

/// <summary>What the fault tests share: a folder that goes away, and how long they last.</summary>
internal sealed class FaultFolder : IDisposable
{
    /// <summary>Where the test keeps its files.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("kubelite-fault-").FullName;

    /// <summary>How often a fault is made: KUBELITE_FAULT_ROUNDS, else what suits every commit.</summary>
    public static int Rounds(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("KUBELITE_FAULT_ROUNDS"), CultureInfo.InvariantCulture, out int rounds)
            ? rounds
            : usual;

    /// <summary>The seed of a run: KUBELITE_FAULT_SEED, else a new one.</summary>
    public static int Seed() =>
        int.TryParse(Environment.GetEnvironmentVariable("KUBELITE_FAULT_SEED"), CultureInfo.InvariantCulture, out int seed)
            ? seed
            : Random.Shared.Next(1_000_000);

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
