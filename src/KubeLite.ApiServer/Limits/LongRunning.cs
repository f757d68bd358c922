using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Limits;

/// <summary>Which requests last as long as their clients want: no deadline is set for them and no limit counts them.</summary>
public static class LongRunning
{
    /// <summary>True for watches, proxies, logs and the streams of Pods.</summary>
    public static bool Is(RequestInfo info) =>
        info.IsResource && (info.Verb is "watch" or "proxy" || info.Subresource is "attach" or "exec" or "proxy" or "log" or "portforward");
}
