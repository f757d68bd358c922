namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>
/// The 5xx answers that Kubernetes v1.36 itself gives to what a client sends, each with where its source gives it. All but
/// the first two are errors without a status, which apiserver's <c>ErrorToAPIStatus</c> (responsewriters/status.go) makes a
/// 500 without a reason.
/// </summary>
public static class KubernetesOwn
{
    /// <summary>apimachinery, util/managedfields/internal/structuredmerge.go: a configuration that doesn't fit the schema.</summary>
    private static readonly string[] s_apply = ["failed to create typed patch object (", "failed to convert new object ("];

    /// <summary>apimachinery, util/strategicpatch and third_party/forked/golang/json/fields.go, let through by interpretStrategicMergePatchError.</summary>
    private static readonly string[] s_strategic =
    [
        "does not contain declared merge key", "unknown patch type: ", "merging lists cannot yet be specified in the patch", "list element types are not identical: ",
        "expected a ", "unable to find api field in struct ", "merging an object in json but data type is not struct", "expected slice or array type, but got: ",
        "cannot merge lists without merge key for ", "no elements in any of the given slices", "The order in patch list:",
    ];

    /// <summary>True where an answer is one of them.</summary>
    public static bool Is(FuzzRequest request, int code, string text) => code switch
    {
        // A revision of the future; HEAD has no body to tell by.
        504 => text.Contains("Timeout", StringComparison.Ordinal) || request.Method == "HEAD",
        // A backend that isn't there.
        503 => request.Path.Contains("/proxy", StringComparison.Ordinal),
        // registry/core/service/storage, alloc.go: errors of allocHealthCheckNodePort are internal.
        500 when Any(text, ["HealthCheck NodePort"]) => true,
        500 => !text.Contains("\"reason\"", StringComparison.Ordinal) && (
            (request.Type.StartsWith("application/apply-patch", StringComparison.Ordinal) && Any(text, s_apply)) ||
            (request.Type.StartsWith("application/strategic-merge-patch", StringComparison.Ordinal) && Any(text, s_strategic)) ||
            // apiserver, storage/errors.go: ErrResourceVersionSetOnCreate, which storeerr.InterpretCreateError passes on.
            Any(text, ["resourceVersion should not be set on objects to be created"]) ||
            // registry/core/service/storage, alloc.go: updateNodePorts.
            Any(text, ["duplicate nodePort: "]) ||
            // registry/core/pod/storage: BindingREST.Create returns the aggregate of ValidatePodBinding.
            (request.Path.Contains("binding", StringComparison.Ordinal) && Any(text, ["target."]))),
        _ => false,
    };

    private static bool Any(string text, string[] parts) => parts.Any(p => text.Contains(p, StringComparison.Ordinal));
}
