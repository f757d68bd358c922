using System.Globalization;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Selectors;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Requests;

/// <summary>The options of lists and watches (metav1.ListOptions), validated as Kubernetes validates them.</summary>
public sealed record ListOptions
{
    /// <summary>Which labels objects must have.</summary>
    public LabelSelector Labels { get; init; } = LabelSelector.Everything;

    /// <summary>Which fields objects must have.</summary>
    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    /// <summary>The resourceVersion as it was sent; empty for none.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>The resourceVersion as a number; 0 for none.</summary>
    public long Revision { get; init; }

    /// <summary>Exact, NotOlderThan or empty.</summary>
    public string Match { get; init; } = "";

    /// <summary>The most items of a page; 0 for all.</summary>
    public long Limit { get; init; }

    /// <summary>Where the next page begins; empty for the first.</summary>
    public string Continue { get; init; } = "";

    /// <summary>For how long a watch runs; null for the server's choice.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>True where the watcher takes bookmarks.</summary>
    public bool AllowBookmarks { get; init; }

    /// <summary>True where a watch begins with the objects that exist; null where the caller says nothing.</summary>
    public bool? SendInitialEvents { get; init; }

    /// <summary>Reads the options of a list, watch or deletecollection.</summary>
    /// <exception cref="ApiException">400 or 422 as Kubernetes gives it.</exception>
    public static ListOptions Of(ApiRequest request, bool watch)
    {
        IQueryCollection query = request.Http.Request.Query;
        LabelSelector labels;
        FieldSelector fields;
        try
        {
            labels = LabelSelector.Parse(request.Query("labelSelector") ?? "");
            fields = FieldSelector.Parse(request.Query("fieldSelector") ?? "");
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }

        TimeSpan? timeout = QueryNumber.Of(request, "timeoutSeconds") is { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue))
            : null;
        long limit = QueryNumber.Of(request, "limit") ?? 0;
        var options = new ListOptions
        {
            Labels = labels,
            Fields = fields,
            ResourceVersion = request.Query("resourceVersion") ?? "",
            Match = request.Query("resourceVersionMatch") ?? "",
            Limit = limit,
            Continue = request.Query("continue") ?? "",
            Timeout = timeout,
            AllowBookmarks = QueryFlags.IsTrue(query, "allowWatchBookmarks"),
            SendInitialEvents = query.ContainsKey("sendInitialEvents") ? QueryFlags.IsTrue(query, "sendInitialEvents") : null,
        };
        options.Validate(watch);
        return options with { Revision = ParseRevision(options.ResourceVersion) };
    }

    /// <summary>Reads a resourceVersion; empty is 0.</summary>
    /// <exception cref="ApiException">400: it is no number.</exception>
    public static long ParseRevision(string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong revision)
            ? (long)Math.Min(revision, long.MaxValue)
            : throw ApiException.BadRequest(
                $"invalid resource version: resourceVersion: Invalid value: {FieldError.GoQuote(text)}: strconv.ParseUint: parsing {FieldError.GoQuote(text)}: invalid syntax");
    }

    private void Validate(bool watch)
    {
        var errors = new FieldErrors();
        FieldPath match = FieldPath.Of("resourceVersionMatch"), initial = FieldPath.Of("sendInitialEvents");
        if (watch)
        {
            if (SendInitialEvents is not null && Match != "NotOlderThan")
            {
                errors.Forbidden(match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
            }

            if (Match.Length > 0)
            {
                if (SendInitialEvents is null)
                {
                    errors.Forbidden(match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
                }

                if (Match != "NotOlderThan")
                {
                    errors.NotSupported(match, Match, "NotOlderThan");
                }

                if (Continue.Length > 0)
                {
                    errors.Forbidden(match, "resourceVersionMatch is forbidden when continue is provided");
                }
            }
        }
        else
        {
            if (Match.Length > 0)
            {
                if (ResourceVersion.Length == 0)
                {
                    errors.Forbidden(match, "resourceVersionMatch is forbidden unless resourceVersion is provided");
                }

                if (Continue.Length > 0)
                {
                    errors.Forbidden(match, "resourceVersionMatch is forbidden when continue is provided");
                }

                if (Match is not ("Exact" or "NotOlderThan"))
                {
                    errors.NotSupported(match, Match, "Exact", "NotOlderThan", "");
                }

                if (Match == "Exact" && ResourceVersion == "0")
                {
                    errors.Forbidden(match, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
                }
            }

            if (SendInitialEvents is not null)
            {
                errors.Forbidden(initial, "sendInitialEvents is forbidden for list");
            }
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid("meta.k8s.io", "ListOptions", "", errors);
        }
    }
}
