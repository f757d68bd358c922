using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>What a delete does to an object that can't go at once: the grace period and the finalizers of garbage collection.</summary>
public static class Deletion
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    /// <summary>Marks an object as being deleted.</summary>
    /// <returns>True where nothing holds it and it goes now.</returns>
    public static bool Mark(WriteContext context, JsonMap obj, DeleteOptions options)
    {
        JsonMap metadata = obj.MapAt("metadata");
        if (context.Resource.Strategy.IsGarbageCollected)
        {
            SetFinalizers(metadata, options, context.Resource.Strategy.DefaultPropagation);
        }

        bool held = metadata.List("finalizers") is { Count: > 0 };
        bool marked = metadata.ContainsKey("deletionTimestamp");
        if (context.Resource.Strategy.GracePeriod(context, obj, options.GracePeriodSeconds) is { } grace)
        {
            if (marked)
            {
                long current = metadata.Integer("deletionGracePeriodSeconds") ?? 0;
                if (current > 0 && options.GracePeriodSeconds is { } shorter && shorter < current)
                {
                    // The end moves forward by what the period became shorter.
                    ApiTime.TryParse(metadata.String("deletionTimestamp"), out DateTimeOffset end);
                    DateTimeOffset moved = end.AddSeconds(shorter - current);
                    metadata["deletionTimestamp"] = ApiTime.Format(moved < context.Now ? context.Now : moved);
                    metadata["deletionGracePeriodSeconds"] = shorter;
                    return shorter == 0 && !held;
                }

                return current == 0 && !held;
            }

            Set(metadata, context.Now.AddSeconds(grace), grace);
            return grace == 0 && !held;
        }

        if (context.Resource.Strategy.HoldsDeletion(context, obj))
        {
            return false;
        }

        if (!held)
        {
            return true;
        }

        if (!marked)
        {
            Set(metadata, context.Now, 0);
        }
        else
        {
            metadata["deletionGracePeriodSeconds"] = 0L;
        }

        return false;
    }

    /// <summary>True where an object was being deleted and now nothing holds it any more.</summary>
    public static bool IsComplete(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return metadata.ContainsKey("deletionTimestamp") &&
            metadata.List("finalizers") is not { Count: > 0 } &&
            (metadata.Integer("deletionGracePeriodSeconds") ?? 0) == 0 &&
            // A namespace waits for its own finalizers, in its spec.
            (obj.String("kind") != "Namespace" || obj.Map("spec")?.List("finalizers") is not { Count: > 0 });
    }

    private static void Set(JsonMap metadata, DateTimeOffset end, long grace)
    {
        metadata["deletionTimestamp"] = ApiTime.Format(end);
        metadata["deletionGracePeriodSeconds"] = grace;
        if (metadata.Integer("generation") is > 0 and var generation)
        {
            metadata["generation"] = generation + 1;
        }
    }

    private static void SetFinalizers(JsonMap metadata, DeleteOptions options, string fallback)
    {
        var finalizers = new JsonList(metadata.List("finalizers") ?? []);
        bool orphan, foreground;
        if (options.OrphanDependents is { } old)
        {
            (orphan, foreground) = (old, false);
        }
        else if (options.Propagation is { } propagation)
        {
            (orphan, foreground) = (propagation == "Orphan", propagation == "Foreground");
        }
        else
        {
            orphan = finalizers.Contains(Orphan) || (fallback == "Orphan" && !finalizers.Contains(Foreground));
            foreground = finalizers.Contains(Foreground);
        }

        finalizers.RemoveAll(f => f is Orphan or Foreground);
        if (orphan)
        {
            finalizers.Add(Orphan);
        }

        if (foreground)
        {
            finalizers.Add(Foreground);
        }

        if (finalizers.Count > 0)
        {
            metadata["finalizers"] = finalizers;
        }
        else
        {
            metadata.Remove("finalizers");
        }
    }
}
