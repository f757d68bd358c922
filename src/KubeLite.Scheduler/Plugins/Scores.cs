using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins;

/// <summary>Brings raw scores into the range that the framework adds up.</summary>
internal static class Scores
{
    /// <summary>Stretches the scores so that the best gets the maximum; reversed, the least raw score is the best.</summary>
    public static void Normalize(Span<long> scores, bool reverse)
    {
        long max = 0;
        foreach (var score in scores)
        {
            max = Math.Max(max, score);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            var score = max == 0 ? 0 : IScorePlugin.MaxScore * scores[i] / max;
            scores[i] = reverse ? IScorePlugin.MaxScore - score : score;
        }
    }
}
