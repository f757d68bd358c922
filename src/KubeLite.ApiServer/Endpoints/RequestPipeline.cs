using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Patches;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Limits;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Subresources;
using KubeLite.Storage;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// The way of every request: who sends it, whether they may, and which endpoint answers. The only place that turns
/// exceptions into answers.
/// </summary>
public sealed partial class RequestPipeline(
    Authenticator authenticator,
    Impersonation impersonation,
    Authorizer authorizer,
    ResourceRegistry registry,
    SubresourceCatalog subresources,
    DiscoveryEndpoint discovery,
    HealthEndpoint health,
    IReadOnlyList<IPathEndpoint> paths,
    ReadEndpoint reads,
    WatchEndpoint watches,
    WriteEndpoint writes,
    PatchEndpoint patches,
    InFlightLimiter limiter,
    FlowController? flows,
    TimeSpan requestTimeout,
    RequestMetrics metrics,
    TimeProvider time,
    ILogger<RequestPipeline> logger)
{
    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var request = new ApiRequest(http, RequestInfo.Of(http.Request), time.GetUtcNow());
        long started = time.GetTimestamp();
        http.Response.Headers["Audit-Id"] = http.Request.Headers["Audit-ID"].ToString() is { Length: > 0 } id
            ? id
            : Guid.NewGuid().ToString();
        // Whatever is answered is for this caller alone.
        http.Response.Headers.CacheControl = "no-cache, private";
        CancellationToken gone = http.RequestAborted;
        RequestDeadline? deadline = null;
        try
        {
            deadline = RequestDeadline.Start(request, requestTimeout, time);
            await ServeAsync(request);
        }
        catch (ApiException e)
        {
            await FailAsync(request, e);
        }
        catch (ExpiredContinueException e)
        {
            await ObjectResponse.SendAsync(request, 410, e.ToStatus(), ResponseFormat.OfStatus(http.Request));
        }
        catch (PatchException e)
        {
            await FailAsync(request, PatchErrors.Translate(e));
        }
        catch (StoreException e)
        {
            await FailAsync(request, StoreErrors.Translate(e));
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client went away: nobody is there to be answered.
        }
        catch (OperationCanceledException) when (deadline is { HasPassed: true })
        {
            http.RequestAborted = gone;
            await FailAsync(request, RequestDeadline.TooLate);
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(request, e.StatusCode == 413
                ? new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {RequestBody.MaxBytes}")
                : ApiException.BadRequest(e.Message));
        }
        catch (Exception e)
        {
            LogUnexpected(logger, e, request.Info.Verb, request.Info.Path);
            await FailAsync(request, ApiException.Internal("the server failed while it handled the request"));
        }
        finally
        {
            deadline?.Dispose();
            metrics.Observe(request, http.Response.StatusCode, time.GetElapsedTime(started));
        }
    }

    private async Task ServeAsync(ApiRequest request)
    {
        try
        {
            request.User = await authenticator.AuthenticateAsync(request);
        }
        catch (ApiException e) when (e.Code == StatusCodes.Status401Unauthorized)
        {
            CloseConnection(request);
            throw;
        }

        request.User = Impersonated(request);
        if (flows is not null)
        {
            await FairlyAsync(request, flows);
            return;
        }

        if (!limiter.TryEnter(request))
        {
            await TurnAwayAsync(request);
            return;
        }

        try
        {
            await AuthorizedAsync(request);
        }
        finally
        {
            limiter.Leave(request);
        }
    }

    /// <summary>As Kubernetes does against floods (CVE-2023-44487): strangers don't keep a connection of many streams.</summary>
    private static void CloseConnection(ApiRequest request)
    {
        if (HttpProtocol.IsHttp2(request.Http.Request.Protocol))
        {
            request.Http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    private UserInfo Impersonated(ApiRequest request)
    {
        try
        {
            return impersonation.Apply(request);
        }
        catch (ApiException)
        {
            ForbidSniffing(request);
            throw;
        }
    }

    private void Require(ApiRequest request)
    {
        try
        {
            authorizer.Require(AuthorizationAttributes.Of(request));
        }
        catch (ApiException)
        {
            ForbidSniffing(request);
            throw;
        }
    }

    /// <summary>A refusal quotes what was sent; browsers mustn't take it for a page.</summary>
    private static void ForbidSniffing(ApiRequest request) => request.Http.Response.Headers.XContentTypeOptions = "nosniff";

    private async Task FairlyAsync(ApiRequest request, FlowController controller)
    {
        if (await controller.EnterAsync(request) is not { } ticket)
        {
            await TurnAwayAsync(request);
            return;
        }

        limiter.Enter(request);
        if (ticket.IsWatch)
        {
            LeaveOnceBegun(request, controller, ticket);
        }

        try
        {
            await AuthorizedAsync(request);
        }
        finally
        {
            limiter.Leave(request);
            if (ticket.IsWatch)
            {
                request.Begun();
                controller.Forget(request);
            }
            else
            {
                controller.Leave(ticket);
            }
        }
    }

    /// <summary>A watch gives its seats back once it has begun. On its own, so that only watches pay for the closure.</summary>
    private static void LeaveOnceBegun(ApiRequest request, FlowController controller, FlowTicket ticket) =>
        request.OnBegun(() => controller.Leave(ticket));

    private static Task TurnAwayAsync(ApiRequest request)
    {
        IHeaderDictionary headers = request.Http.Response.Headers;
        headers.RetryAfter = headers.RetryAfter.Count > 0 ? headers.RetryAfter : "1";
        return ObjectResponse.SendTextAsync(request, 429, "Too many requests, please try again later.\n");
    }

    private async Task AuthorizedAsync(ApiRequest request)
    {
        bool open = ReferenceEquals(request.User, UserInfo.Anonymous) && Authenticator.IsOpen(request.Info.Path);
        if (!open)
        {
            Require(request);
        }

        RequestInfo info = request.Info;
        if (!RouteRules.IsRouted(info))
        {
            await ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
            return;
        }

        if (!info.IsResource)
        {
            await ServePathAsync(request);
            return;
        }

        if (!registry.TryGet(info.Group, info.Version, info.Resource, out ResourceDefinition? definition))
        {
            // A group that nobody knows is no API at all; below a known one it is a Status.
            if (info.Group.Length > 0 && !registry.All.Any(d => d.Group == info.Group && !d.Custom))
            {
                await ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
                return;
            }

            throw ApiException.UnknownPath();
        }

        if ((definition.DeprecationWarning ?? definition.Strategy.Deprecation) is { } deprecation)
        {
            request.Warn(deprecation);
        }

        if (definition.Custom && !definition.Namespaced && info.ObjectNamespace.Length > 0)
        {
            await ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
            return;
        }

        if (info.Subresource.Length > 0)
        {
            await subresources.ServeAsync(request, definition);
            return;
        }

        if ((!definition.Namespaced && info.InNamespace) || info.Remainder.Length > 0)
        {
            throw ApiException.UnknownPath();
        }

        if (!RouteRules.Check(request, definition))
        {
            await ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
            return;
        }

        await ServeResourceAsync(request, definition);
    }

    private Task ServeResourceAsync(ApiRequest request, ResourceDefinition definition)
    {
        RequestInfo info = request.Info;
        if (subresources.TryGetVirtual(definition, out Func<ApiRequest, ResourceDefinition, Task>? handler))
        {
            return handler(request, definition);
        }

        return info.Verb switch
        {
            "get" => IsWatch(request) ? watches.WatchAsync(request, definition, info.Name) : reads.GetAsync(request, definition),
            "list" => reads.ListAsync(request, definition),
            "watch" => watches.WatchAsync(request, definition, info.WatchPath ? info.Name : ""),
            "create" => writes.CreateAsync(request, definition),
            "update" => writes.UpdateAsync(request, definition),
            "patch" => patches.PatchAsync(request, definition),
            "delete" => writes.DeleteAsync(request, definition),
            "deletecollection" => writes.DeleteCollectionAsync(request, definition, reads),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    private static bool IsWatch(ApiRequest request) => QueryFlags.IsTrue(request.Http.Request.Query, "watch");

    private async Task ServePathAsync(ApiRequest request)
    {
        if (await health.TryServeAsync(request) || await discovery.TryServeAsync(request))
        {
            return;
        }

        foreach (IPathEndpoint endpoint in paths)
        {
            if (await endpoint.TryServeAsync(request))
            {
                return;
            }
        }

        await ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
    }

    private static async Task FailAsync(ApiRequest request, ApiException error)
    {
        if (request.Http.Response.HasStarted)
        {
            request.Http.Abort();
            return;
        }

        request.Http.Response.Headers.ContentEncoding = default;
        await ObjectResponse.SendErrorAsync(request, error);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Verb} {Path} failed in a way that nobody expected")]
    private static partial void LogUnexpected(ILogger logger, Exception error, string verb, string path);
}
