using System.Globalization;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>What OpenAPI calls operations and says of them; generated clients take their methods' names from it.</summary>
internal static class OpenApiNames
{
    /// <summary>Where a group's version is served.</summary>
    public static string RootOf(string group, string version) => group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";

    /// <summary>The tag of a group's version: <c>rbacAuthorization_v1</c>.</summary>
    public static string TagOf(string group, string version) => $"{TagOf(group)}_{version}";

    /// <summary>The tag of a group: <c>rbacAuthorization</c>.</summary>
    public static string TagOf(string group)
    {
        string name = GroupOf(group);
        return char.ToLower(name[0], CultureInfo.InvariantCulture) + name[1..];
    }

    /// <summary>A group in an operation's name: <c>RbacAuthorization</c>.</summary>
    public static string GroupOf(string group) => group.Length == 0
        ? "Core"
        : string.Concat(group.Replace(".k8s.io", "", StringComparison.Ordinal).Split('.').Select(Capital));

    /// <summary>The name of an operation on objects: <c>readCoreV1NamespacedPod</c>.</summary>
    public static string OperationOf(ResourceDefinition definition, ResourceFacts resource, string path, string verb)
    {
        string name = verb switch { "get" => "read", "update" => "replace", "deletecollection" => "delete", _ => verb };
        bool everywhere = definition.Namespaced && !path.Contains("{namespace}", StringComparison.Ordinal);
        bool watchesList = verb == "watch" && !path.Contains("{name}", StringComparison.Ordinal);
        return $"{name}{OwnerOf(definition)}{(verb == "deletecollection" ? "Collection" : "")}" +
            $"{ScopeOf(definition, !everywhere)}{definition.Kind.Kind}" +
            $"{Capital(resource.Subresource)}{(watchesList ? "List" : "")}{(everywhere ? "ForAllNamespaces" : "")}";
    }

    /// <summary>The name of a connection: <c>connectCoreV1GetNamespacedPodExec</c>.</summary>
    public static string ConnectionOf(ResourceDefinition definition, ResourceFacts sub, string path, string method) =>
        $"connect{OwnerOf(definition)}{Capital(method)}{ScopeOf(definition, true)}{definition.Kind.Kind}{Capital(sub.Subresource)}" +
        (path.EndsWith("/{path}", StringComparison.Ordinal) ? "WithPath" : "");

    /// <summary>What an operation does.</summary>
    /// <param name="definition">The resource.</param>
    /// <param name="resource">The resource or its subresource.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="one">Whether it is of one object.</param>
    public static string DescriptionOf(ResourceDefinition definition, ResourceFacts resource, string verb, bool one)
    {
        string kind = definition.Kind.Kind, sub = resource.Subresource.Length > 0 ? $" {resource.Subresource} of" : "";
        return verb switch
        {
            "list" when definition.Custom => $"list objects of kind {kind}",
            "list" => $"list or watch objects of kind {kind}",
            "watch" when one =>
                $"watch changes to an object of kind {kind}. deprecated: use the 'watch' parameter with a list operation instead, " +
                "filtered to a single item with the 'fieldSelector' parameter.",
            "watch" =>
                $"watch individual changes to a list of {kind}. deprecated: use the 'watch' parameter with a list operation instead.",
            "deletecollection" => $"delete collection of {kind}",
            "create" or "delete" => $"{verb}{sub}{Article(kind)}{kind}",
            "patch" => $"partially update{sub} the specified {kind}",
            "update" => $"replace{sub} the specified {kind}",
            _ => $"read{sub} the specified {kind}",
        };
    }

    /// <summary>A word with a capital letter.</summary>
    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.InvariantCulture) + text[1..];

    private static string OwnerOf(ResourceDefinition definition) => GroupOf(definition.Facts.Group) + Capital(definition.Facts.Version);

    private static string ScopeOf(ResourceDefinition definition, bool one) => definition.Namespaced && one ? "Namespaced" : "";

    /// <summary>Plurals have no article.</summary>
    private static string Article(string noun) =>
        noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal) ? " " : "aeiouAEIOU".Contains(noun[0]) ? " an " : " a ";
}
