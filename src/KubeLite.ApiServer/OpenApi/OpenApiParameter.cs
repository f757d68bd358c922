namespace KubeLite.ApiServer.OpenApi;

/// <summary>A parameter in the path or in the query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In"><c>path</c> or <c>query</c>.</param>
/// <param name="Type"><c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
/// <param name="Description">What it does; null where nothing is said.</param>
internal sealed record OpenApiParameter(string Name, string In, string Type, string? Description);
