namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>
/// The 5xx answers that Kubernetes v1.36 itself gives to what a client sends, each with where its source gives it. Most are
/// errors without a status, which apiserver's <c>ErrorToAPIStatus</c> (responsewriters/status.go) makes a 500 without a reason.
/// </summary>
public static class KubernetesOwn
{
    /// <summary>apimachinery, util/managedfields/internal/structuredmerge.go: a configuration that doesn't fit the schema.</summary>
    private static readonly string[] s_apply = ["failed to create typed patch object (", "failed to convert new object ("];

    /// <summary>
    /// apimachinery, util/strategicpatch and third_party/forked/golang/json/fields.go, let through by interpretStrategicMergePatchError.
    /// </summary>
    private static readonly string[] s_strategic =
    [
        "does not contain declared merge key", "unknown patch type: ", "merging lists cannot yet be specified in the patch",
        "list element types are not identical: ",
        "expected a ", "unable to find api field in struct ", "merging an object in json but data type is not struct",
        "expected slice or array type, but got: ",
        "cannot merge lists without merge key for ", "no elements in any of the given slices", "The order in patch list:",
    ];

    /// <summary>What Kubernetes answers so: a name to count it by; null where Kubernetes wouldn't.</summary>
    public static string? Cause(FuzzRequest request, int code, string text) => code switch
    {
        // HEAD has no body to tell by.
        504 when Any(text, ["Timeout"]) || request.Method == "HEAD" => "a revision of the future",
        503 when request.Path.Contains("/proxy", StringComparison.Ordinal) => "a backend that isn't there",
        // registry/core/service/storage, alloc.go: errors of allocHealthCheckNodePort are internal.
        500 when IsOf(request, "services") && Any(text, ["HealthCheck NodePort"]) => "a health check's node port that can't be had",
        500 when !Any(text, ["\"reason\""]) => CauseWithoutReason(request, text),
        _ => null,
    };

    private static string? CauseWithoutReason(FuzzRequest request, string text) => request.Type switch
    {
        _ when request.Type.StartsWith("application/apply-patch", StringComparison.Ordinal) && Any(text, s_apply) =>
            "apply of what doesn't fit the schema",
        _ when request.Type.StartsWith("application/strategic-merge-patch", StringComparison.Ordinal) && Any(text, s_strategic) =>
            "a strategic merge that can't be done",
        // apiserver, storage/errors.go: ErrResourceVersionSetOnCreate, which storeerr.InterpretCreateError passes on.
        _ when Any(text, ["resourceVersion should not be set on objects to be created"]) => "create with a resource version",
        // registry/core/service/storage, alloc.go: updateNodePorts.
        _ when IsOf(request, "services") && Any(text, ["duplicate nodePort: "]) => "a node port twice in one update",
        // registry/core/pod/storage: BindingREST.Create returns the aggregate of ValidatePodBinding.
        _ when IsOf(request, "binding") && Any(text, ["target."]) => "a binding to what is no node",
        _ => null,
    };

    private static bool IsOf(FuzzRequest request, string resource) => request.Path.Contains(resource, StringComparison.Ordinal);

    private static bool Any(string text, string[] parts) => parts.Any(p => text.Contains(p, StringComparison.Ordinal));
}
