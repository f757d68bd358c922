using System.Globalization;
using System.Text;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>What a list or watch selects (meta/v1 <c>ListOptions</c>).</summary>
public sealed record ListOptions
{
    /// <summary>Everything, consistently.</summary>
    public static ListOptions None { get; } = new();

    /// <summary>Null: all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Null: all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Null: the newest.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The most items in one answer. Null: no bound.</summary>
    public int? Limit { get; init; }

    /// <summary>The token of the previous page. Null: the first page.</summary>
    public string? Continue { get; init; }

    internal void AppendTo(StringBuilder query)
    {
        Query.Append(query, "labelSelector", LabelSelector);
        Query.Append(query, "fieldSelector", FieldSelector);
        Query.Append(query, "resourceVersion", ResourceVersion);
        Query.Append(query, "limit", Limit?.ToString(CultureInfo.InvariantCulture));
        Query.Append(query, "continue", Continue);
    }
}
