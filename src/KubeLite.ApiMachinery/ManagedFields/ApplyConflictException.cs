using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>An apply that would change fields of other managers.</summary>
public sealed class ApplyConflictException : Exception
{
    /// <summary>The conflicts in order of manager.</summary>
    public ApplyConflictException(IReadOnlyList<(ManagerKey Manager, FieldSet Fields)> conflicts) : base(Describe(conflicts)) =>
        Conflicts = conflicts;

    /// <summary>The fields, by manager.</summary>
    public IReadOnlyList<(ManagerKey Manager, FieldSet Fields)> Conflicts { get; }

    /// <summary>The Status that the caller gets.</summary>
    public ApiException ToApiException() => new(409, "Conflict", Message, new("", "", "")
    {
        Causes = [.. Conflicts.SelectMany(
            c => c.Fields.Paths().Select(p => new StatusCause("FieldManagerConflict", $"conflict with {c.Manager}", Show(p))))],
    });

    private static string Describe(IReadOnlyList<(ManagerKey Manager, FieldSet Fields)> conflicts)
    {
        var all = conflicts.Select(c => (c.Manager, Paths: c.Fields.Paths().ToList())).ToList();
        int count = all.Sum(c => c.Paths.Count);
        if (count == 1)
        {
            return $"Apply failed with 1 conflict: conflict with {all[0].Manager}: {Show(all[0].Paths[0])}";
        }

        return $"Apply failed with {count} conflicts: " +
            string.Join("\n", all.Select(c => $"conflicts with {c.Manager}:\n" + string.Join("\n", c.Paths.Select(p => "- " + Show(p)))));
    }

    private static string Show(IReadOnlyList<PathElement> path) => string.Concat(path.Select(e => e.ToString()));
}
