namespace KubeLite.ApiServer.OpenApi;

/// <summary>The parameters of operations: the fields of the options that Kubernetes reads them into, with what is said of those.</summary>
/// <param name="descriptions">What is said of them.</param>
internal sealed class OpenApiParameters(TypeDescriptions descriptions)
{
    private const string Text = "string", Number = "integer", Flag = "boolean";

    private static readonly (string Name, string Type)[] s_write = [("dryRun", Text), ("fieldManager", Text), ("fieldValidation", Text)];

    private static readonly (string Name, string Type)[] s_delete =
    [
        ("dryRun", Text), ("gracePeriodSeconds", Number),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", Flag), ("orphanDependents", Flag),
        ("propagationPolicy", Text),
    ];

    private static readonly (string Name, string Type)[] s_select =
    [
        ("continue", Text), ("fieldSelector", Text), ("labelSelector", Text), ("limit", Number), ("resourceVersion", Text),
        ("resourceVersionMatch", Text), ("sendInitialEvents", Flag), ("shardSelector", Text), ("timeoutSeconds", Number),
    ];

    private static readonly (string Name, string Type)[] s_watch = [("allowWatchBookmarks", Flag), ("watch", Flag)];

    private static readonly (string Name, string Type)[] s_streams =
        [("container", Text), ("stderr", Flag), ("stdin", Flag), ("stdout", Flag), ("tty", Flag)];

    private static readonly (string Name, string Type)[] s_log =
    [
        ("container", Text), ("follow", Flag), ("insecureSkipTLSVerifyBackend", Flag), ("limitBytes", Number), ("previous", Flag),
        ("sinceSeconds", Number), ("stream", Text), ("tailLines", Number), ("timestamps", Flag),
    ];

    /// <summary>Those of a verb, by the method's name in lists of verbs.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="custom">Custom resources tell a list's options for deletes of collections.</param>
    public IEnumerable<OpenApiParameter> OfVerb(string verb, bool custom) =>
        Query(verb == "patch" ? "Patch" : "", [("pretty", Text), .. verb switch
        {
            "create" or "update" => s_write,
            "patch" => [.. s_write, ("force", Flag)],
            "delete" => s_delete,
            "deletecollection" when !custom => [.. s_select, .. s_delete],
            "list" or "watch" or "deletecollection" => [.. s_select, .. s_watch],
            _ => ((string, string)[])[],
        }]);

    /// <summary>Those of a request that a node or a workload answers: exec, attach, portforward, proxy, log.</summary>
    /// <param name="resource">The resource's kind.</param>
    /// <param name="subresource">The subresource.</param>
    public IEnumerable<OpenApiParameter> OfConnection(string resource, string subresource) => subresource switch
    {
        "attach" => Query(resource + "Attach", s_streams),
        "exec" => Query(resource + "Exec", [("command", Text), .. s_streams]),
        "portforward" => Query(resource + "Portforward", [("ports", Number)]),
        "proxy" => Query(resource + "Proxy", [("path", Text)]),
        "log" => Query(resource + "Log", s_log),
        _ => [],
    };

    /// <summary>What names the object.</summary>
    public static OpenApiParameter Name(string kind) => new("name", "path", Text, "name of the " + kind);

    /// <summary>What names the namespace.</summary>
    public OpenApiParameter Namespace => new("namespace", "path", Text, descriptions.OfParameter("", "namespace"));

    /// <summary>The path behind a proxy.</summary>
    public OpenApiParameter ProxyPath => new("path", "path", Text, descriptions.OfParameter("ProxyWithPath", "path"));

    private IEnumerable<OpenApiParameter> Query(string owner, IEnumerable<(string Name, string Type)> all) =>
        all.Select(p => new OpenApiParameter(p.Name, "query", p.Type, descriptions.OfParameter(owner, p.Name)));
}
