using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Selectors;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>How selectors of workloads are compared with labels while objects are validated.</summary>
public static class LabelSelectors
{
    /// <summary>True where a selector has no requirement.</summary>
    public static bool IsEmpty(JsonMap? selector) =>
        selector?.Map("matchLabels") is not { Count: > 0 } && selector?.List("matchExpressions") is not { Count: > 0 };

    /// <summary>True where the selector can be used at all; null can, and selects nothing.</summary>
    public static bool IsValid(JsonMap? selector)
    {
        var probe = new FieldErrors();
        SelectorValidation.Labels(selector, FieldPath.Of("selector"), probe);
        return probe.Count == 0;
    }

    /// <summary>True where a valid selector selects labels; null selects nothing.</summary>
    public static bool Selects(JsonMap? selector, JsonMap? labels) =>
        LabelSelector.FromObject(selector) is { } parsed && parsed.Matches(labels);
}
