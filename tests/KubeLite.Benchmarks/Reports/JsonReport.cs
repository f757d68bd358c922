using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeLite.Benchmarks.Reports;

/// <summary>The figures as JSON for programs: each round, and what they amount to.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes a file.</summary>
    public static void Save(string file, IReadOnlyList<ServerFigures> servers) => File.WriteAllText(file, JsonSerializer.Serialize(
        new
        {
            cores = Environment.ProcessorCount,
            system = RuntimeInformation.OSDescription,
            servers = servers.Select(s => new { s.Name, rows = s.Rows().Select(Row) }),
            gains = servers is [var a, var b]
                ? Gains.Pairs(a, b).Select(
                    p => new { row = p.A.Row.Name, gain = Gains.Of(p.A, p.B), gainOfServerCpu = Gains.OfCpu(p.A, p.B) })
                : null,
        },
        s_json));

    private static object Row(ServerRow r) => new
    {
        row = r.Row.Name,
        r.Row.Unit,
        r.Row.LessIsBetter,
        figure = r.Figure,
        ofYardstick = r.Share,
        kubernetes = r.Row.Kubernetes,
        timesKubernetes = r.TimesKubernetes,
        target = r.Goal,
        met = r.IsMet,
        rounds = r.Rounds.Select((m, i) => m is null ? null : new
        {
            m.Value,
            m.Count,
            m.Failed,
            m.BytesPerSecond,
            m.P50,
            m.P99,
            m.ServerCpu,
            m.Note,
            yardstick = m.Yardstick?.Name,
            ofYardstick = r.OfYardstick[i],
        }),
    };
}
