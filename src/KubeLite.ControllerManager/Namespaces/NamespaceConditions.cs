using k8s.Models;

namespace KubeLite.ControllerManager.Namespaces;

/// <summary>The conditions of a namespace that is being deleted.</summary>
internal static class NamespaceConditions
{
    internal static List<V1NamespaceCondition> Of(IList<V1NamespaceCondition>? old, NamespaceContentResult result, DateTime now)
    {
        var conditions = new List<V1NamespaceCondition>(old ?? []);
        Set(conditions, now, "NamespaceDeletionDiscoveryFailure", result.DiscoveryErrors.Count > 0,
            ("DiscoveryFailed", "Discovery failed for some groups, " + result.DiscoveryErrors.Count
                + " failing: unable to retrieve the complete list of server APIs: " + string.Join(", ", result.DiscoveryErrors)),
            ("ResourcesDiscovered", "All resources successfully discovered"));
        Set(conditions, now, "NamespaceDeletionGroupVersionParsingFailure", false,
            default, ("ParsedGroupVersions", "All legacy kube types successfully parsed"));
        Set(conditions, now, "NamespaceDeletionContentFailure", result.DeletionErrors.Count > 0,
            ("ContentDeletionFailed", "Failed to delete all resource types, " + result.DeletionErrors.Count + " remaining: "
                + string.Join(", ", result.DeletionErrors)),
            ("ContentDeleted", "All content successfully deleted, may be waiting on finalization"));
        Set(conditions, now, "NamespaceContentRemaining", result.Remaining.Count > 0,
            ("SomeResourcesRemain", "Some resources are remaining: "
                + string.Join(", ", result.Remaining.Select(r => $"{r.Key} has {r.Value} resource instances"))),
            ("ContentRemoved", "All content successfully removed"));
        Set(conditions, now, "NamespaceFinalizersRemaining", result.Finalizers.Count > 0,
            ("SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: "
                + string.Join(", ", result.Finalizers.Select(f => $"{f.Key} in {f.Value} resource instances"))),
            ("ContentHasNoFinalizers", "All content-preserving finalizers finished"));
        return conditions;
    }

    private static void Set(
        List<V1NamespaceCondition> conditions, DateTime now, string type, bool holds, (string Reason, string Message) yes,
        (string Reason, string Message) no)
    {
        var (reason, message) = holds ? yes : no;
        var status = holds ? "True" : "False";
        var index = conditions.FindIndex(c => c.Type == type);
        if (index < 0)
        {
            conditions.Add(
                new V1NamespaceCondition { Type = type, Status = status, Reason = reason, Message = message, LastTransitionTime = now });
            return;
        }
        var old = conditions[index];
        if (old.Status != status || old.Reason != reason || old.Message != message)
        {
            conditions[index] = old with
            {
                Status = status,
                Reason = reason,
                Message = message,
                LastTransitionTime = old.Status == status ? old.LastTransitionTime : now
            };
        }
    }
}
