using System.Runtime.InteropServices;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>/version.</summary>
public sealed class VersionEndpoint : IPathEndpoint
{
    /// <summary>The version of Kubernetes whose API is served.</summary>
    public const string GitVersion = "v1.36.2";

    /// <inheritdoc />
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        if (request.Info.Path.TrimEnd('/') != "/version")
        {
            return false;
        }

        if (!HttpMethods.IsGet(request.Http.Request.Method))
        {
            throw ApiException.MethodNotAllowed();
        }

        string architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            var other => other.ToString().ToLowerInvariant(),
        };
        await ObjectResponse.SendAsync(request, 200, new JsonMap
        {
            { "major", "1" },
            { "minor", "36" },
            { "emulationMajor", "1" },
            { "emulationMinor", "36" },
            { "minCompatibilityMajor", "1" },
            { "minCompatibilityMinor", "35" },
            { "gitVersion", GitVersion },
            { "gitCommit", "" },
            { "gitTreeState", "clean" },
            { "buildDate", "1970-01-01T00:00:00Z" },
            { "goVersion", $"dotnet{Environment.Version}" },
            { "compiler", "roslyn" },
            { "platform", $"linux/{architecture}" },
        }, ResponseFormat.Json with { Pretty = true });
        return true;
    }
}
