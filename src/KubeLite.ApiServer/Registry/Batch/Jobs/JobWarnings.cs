using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>What callers are warned of in Jobs and templates of Jobs (Kubernetes v1.36, <c>pkg/api/job/warnings.go</c>).</summary>
internal static class JobWarnings
{
    private const long ManyCompletions = 100_000;
    private const long ManyAtOnce = 10_000;

    /// <summary>The warnings of a new object's name and of a spec that is new or changed.</summary>
    /// <param name="obj">The object that holds the spec.</param>
    /// <param name="old">As it was; null for a new one.</param>
    /// <param name="spec">The Job's spec.</param>
    /// <param name="path">Its path.</param>
    public static IEnumerable<string> Of(JsonMap obj, JsonMap? old, JsonMap? spec, FieldPath path)
    {
        if (old is null && PodWarnings.Name(obj.MapAt("metadata").String("name"), isPod: false) is { } name)
        {
            yield return name;
        }

        if (old is not null && JsonValue.DeepEquals(obj.MapAt("metadata")["generation"], old.MapAt("metadata")["generation"]))
        {
            yield break;
        }

        if (spec?.String("completionMode") == "Indexed" && spec.Integer("completions") > ManyCompletions
            && spec.Integer("parallelism") > ManyAtOnce)
        {
            yield return
                $"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
        }

        foreach (string warning in PodWarnings.Template(spec?.Map("template"), path.Child("template")))
        {
            yield return warning;
        }
    }
}
