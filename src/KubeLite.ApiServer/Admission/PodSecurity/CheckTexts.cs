using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>Lists of names as the checks' messages write them.</summary>
internal static class CheckTexts
{
    /// <summary>Names in double quotes with commas.</summary>
    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(FieldError.GoQuote));

    /// <summary>One word or its plural.</summary>
    public static string Plural(string one, string many, int count) => count == 1 ? one : many;

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>.</summary>
    public static string Containers(List<string> names) => $"{Plural("container", "containers", names.Count)} {Quoted(names)}";

    /// <summary>The containers of a spec with their names, in the order in which they are checked.</summary>
    public static IEnumerable<(JsonMap Container, string Name)> Each(JsonMap spec) =>
        PodContainers.All(spec, FieldPath.Of("spec")).Select(c => (c.Container, c.Container.String("name") ?? ""));

    /// <summary>The names of the containers of which something holds.</summary>
    public static List<string> Where(JsonMap spec, Func<JsonMap, bool> holds) =>
        [.. Each(spec).Where(c => holds(c.Container)).Select(c => c.Name)];
}
