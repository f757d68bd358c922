using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// Counts the watches that are open, by what they watch, to tell how many a write concerns. As in Kubernetes, watches of the
/// Pods of one Node aren't counted: an index leads past nearly all of them. Safe from any thread.
/// </summary>
internal sealed class WatchTracker
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Group, string Resource, string Namespace, string Name), int> _counts = [];

    /// <summary>Counts a watch; <see cref="Forget"/> is called with the same request when it has ended.</summary>
    public void Add(ApiRequest request) => Change(request, 1);

    /// <summary>Counts a watch no more.</summary>
    public void Forget(ApiRequest request) => Change(request, -1);

    /// <summary>How many watches are told of what a request changes: those of all objects, of its namespace's and of its own.</summary>
    public int CountFor(RequestInfo info)
    {
        lock (_gate)
        {
            int count = _counts.GetValueOrDefault((info.Group, info.Resource, "", ""));
            if (info.Namespace.Length > 0)
            {
                count += _counts.GetValueOrDefault((info.Group, info.Resource, info.Namespace, ""));
            }

            if (info.Name.Length > 0)
            {
                count += _counts.GetValueOrDefault((info.Group, info.Resource, info.Namespace, info.Name));
            }

            return count;
        }
    }

    private void Change(ApiRequest request, int by)
    {
        RequestInfo info = request.Info;
        if (info.Resource == "pods" && IsOfOneNode(request.Query("fieldSelector") ?? ""))
        {
            return;
        }

        (string, string, string, string) key = (info.Group, info.Resource, info.Namespace, info.Name);
        lock (_gate)
        {
            int count = _counts.GetValueOrDefault(key) + by;
            if (count > 0)
            {
                _counts[key] = count;
            }
            else
            {
                _counts.Remove(key);
            }
        }
    }

    private static bool IsOfOneNode(string selector)
    {
        const string Field = "spec.nodeName=";
        foreach (string term in selector.Split(','))
        {
            if (term.StartsWith(Field, StringComparison.Ordinal) && term.AsSpan(Field.Length).TrimStart('=').Length > 0)
            {
                return true;
            }
        }

        return false;
    }
}
