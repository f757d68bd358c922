using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>Where the next page of a list begins, and of which revision (KEP-365; the form is etcd3's of Kubernetes).</summary>
/// <param name="Revision">The list's revision; -1 where the rest is to be of the newest.</param>
/// <param name="Start">The key behind the resource's prefix at which the page begins.</param>
public readonly record struct ContinueToken(long Revision, string Start)
{
    /// <summary>The text that the caller gives back.</summary>
    public string Encode() => Convert.ToBase64String(
        JsonWriting.ToBytes(new JsonMap { { "v", "meta.k8s.io/v1" }, { "rv", Revision }, { "start", Start } }))
        .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Reads a token.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public static ContinueToken Decode(string text)
    {
        byte[] bytes;
        try
        {
            string base64 = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
            bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            throw Invalid("illegal base64 data at input byte 0");
        }

        JsonMap token;
        try
        {
            token = JsonReading.Read(bytes) as JsonMap ?? throw Invalid("not an object");
        }
        catch (JsonSyntaxException e)
        {
            throw Invalid(e.Message);
        }

        if (token.String("v") != "meta.k8s.io/v1")
        {
            throw Invalid($"server does not recognize this encoded version {FieldError.GoQuote(token.String("v") ?? "")}", "not valid");
        }

        string start = token.String("start") ?? "";
        if (start.Length == 0)
        {
            throw Invalid("encoded start key empty (version meta.k8s.io/v1)");
        }

        if (start.Split('/').Contains(".."))
        {
            throw Invalid($"{start}");
        }

        return new ContinueToken(token.Integer("rv") ?? 0, start);

        static ApiException Invalid(string why, string what = "not valid") =>
            ApiException.BadRequest($"invalid continue token: continue key is {what}: {why}");
    }
}
