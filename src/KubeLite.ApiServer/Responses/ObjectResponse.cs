using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>Sends documents, bytes and Statuses.</summary>
public static class ObjectResponse
{
    /// <summary>Sends a document.</summary>
    public static Task SendAsync(ApiRequest request, int code, JsonMap value, ResponseFormat format)
    {
        if (format.Encoding == BodyEncoding.Protobuf)
        {
            if (ProtobufEncoder.TryEncode(value, ApiFacts.Newest) is { } bytes)
            {
                return SendBytesAsync(request, code, bytes, format.ContentType);
            }

            // Custom resources and Tables have no messages: they are JSON for those who take that as well.
            format = format with { Encoding = BodyEncoding.Json };
        }

        return SendBytesAsync(request, code, Encode(value, format), format.ContentType);
    }

    /// <summary>Encodes a document.</summary>
    public static byte[] Encode(JsonMap value, ResponseFormat format) => format.Encoding switch
    {
        BodyEncoding.Yaml => YamlWriting.ToBytes(value),
        _ when format.Pretty => JsonWriting.ToIndentedBytes(value),
        _ => [.. JsonWriting.ToBytes(value), (byte)'\n'],
    };

    /// <summary>Sends an object as plain JSON that was just stored in the version that is asked for.</summary>
    public static async Task SendStoredAsync(ApiRequest request, int code, StoredJson json, long revision)
    {
        byte[] body = ArrayPool<byte>.Shared.Rent(json.MaxLength);
        try
        {
            await SendBytesAsync(request, code, body.AsMemory(0, json.Write(body, revision)), ResponseFormat.Json.ContentType);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <summary>Sends bytes as they are.</summary>
    /// <param name="request">The request.</param>
    /// <param name="code">The status.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="contentType">What they are.</param>
    /// <param name="cacheControl">Who may keep them; null for nobody.</param>
    public static async Task SendBytesAsync(
        ApiRequest request, int code, ReadOnlyMemory<byte> body, string contentType, string? cacheControl = null)
    {
        HttpResponse response = request.Http.Response;
        Begin(request, code, contentType);
        if (cacheControl is not null)
        {
            response.Headers.CacheControl = cacheControl;
        }

        if (body.Length > ResponseCompression.Threshold && !HttpMethods.IsHead(request.Http.Request.Method)
            && ResponseCompression.IsWanted(request))
        {
            await using GZipStream gzip = ResponseCompression.Begin(response);
            await gzip.WriteAsync(body, request.Aborted);
            return;
        }

        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Http.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body, request.Aborted);
        }
    }

    /// <summary>Sets the status line and headers.</summary>
    public static void Begin(ApiRequest request, int code, string contentType)
    {
        HttpResponse response = request.Http.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-cache, private";
        WarningHeaders.Write(response, request.Warnings);
    }

    /// <summary>
    /// How a header's value is encoded: warnings quote what clients sent, and proxied answers have headers of their own, all
    /// in UTF-8; null, which is ASCII and fastest, for those that this server alone writes.
    /// </summary>
    public static System.Text.Encoding? HeaderEncoding(string name) =>
        name is "Audit-Id" or "Cache-Control" or "Content-Length" or "Content-Type" or "Date" ? null : System.Text.Encoding.UTF8;

    /// <summary>Sends the Status of an error.</summary>
    public static Task SendErrorAsync(ApiRequest request, ApiException error)
    {
        if (error.Details is { RetryAfterSeconds: > 0 and var seconds })
        {
            request.Http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return SendAsync(request, error.Code, error.ToStatus(), ResponseFormat.OfStatus(request.Http.Request));
    }

    /// <summary>Sends plain text.</summary>
    public static Task SendTextAsync(ApiRequest request, int code, string text)
    {
        request.Http.Response.Headers.XContentTypeOptions = "nosniff";
        return SendBytesAsync(request, code, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
    }
}
