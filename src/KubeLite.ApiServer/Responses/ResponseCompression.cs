using System.IO.Compression;
using System.Net;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>
/// Answers in gzip, as Kubernetes v1.36 gives them (handlers/responsewriters, gate APIResponseCompression): bodies of more than
/// 128 KiB, at the fastest level, for clients that take gzip. Not on loopback, where bytes are cheaper than compressing them.
/// </summary>
public static class ResponseCompression
{
    /// <summary>Bodies of at most so many bytes are sent as they are.</summary>
    public const int Threshold = 128 * 1024;

    /// <summary>True where a body that is large enough goes out in gzip.</summary>
    public static bool IsWanted(ApiRequest request)
    {
        if (request.Http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address))
        {
            return false;
        }

        // Kubernetes looks for the bare token: one with a quality isn't taken for it.
        foreach (string token in request.Http.Request.Headers.AcceptEncoding.ToString().Split(','))
        {
            if (token.Trim() == "gzip")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Announces gzip in the answer's headers and gives the stream to write to; disposing of it ends the body.</summary>
    public static GZipStream Begin(HttpResponse response)
    {
        response.Headers.ContentEncoding = "gzip";
        response.Headers.Append("Vary", "Accept-Encoding");
        return new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }
}
