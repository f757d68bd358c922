using System.IO.Compression;
using System.Text;
using KubeLite.ApiServer.Streaming;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

public sealed class HtmlLinksTests
{
    private static readonly ProxyLinks s_links = new("/p/x", "backend:80", "asked:443");

    [Theory]
    [InlineData("/a/b?c=/d#e", "/p/x/a/b?c=/d#e")]
    [InlineData("/a/", "/p/x/a/")]
    [InlineData("/", "/p/x/")]
    [InlineData("/a/./b//../c", "/p/x/a/c")]
    [InlineData("/p/x/a", "/p/x/a")]
    [InlineData("a/b", "a/b")]
    [InlineData("../a", "../a")]
    [InlineData("", "")]
    [InlineData("#top", "#top")]
    [InlineData("?q", "?q")]
    [InlineData("http://backend:80/a", "/p/x/a")]
    [InlineData("//backend:80/a", "/p/x/a")]
    [InlineData("https://asked:443/a", "https://asked:443/p/x/a")]
    [InlineData("https://elsewhere/a", "https://elsewhere/a")]
    [InlineData("http://backend:80", "http://backend:80")]
    [InlineData("mailto:someone@example.com", "mailto:someone@example.com")]
    [InlineData("javascript:go('/a')", "javascript:go('/a')")]
    [InlineData("/a%2", null)]
    [InlineData("/a\nb", null)]
    public void Rewrite_Link_LeadsThroughTheProxyWhereItIsTheBackends(string link, string? expected) =>
        Assert.Equal(expected, s_links.Rewrite(link));

    [Theory]
    [InlineData("<A HREF = '/a'>", "<A HREF = \"/p/x/a\">")]
    [InlineData("<a class=b href=/a>", "<a class=b href=\"/p/x/a\">")]
    [InlineData("<img alt=\"a > b\" src=\"/i?a=1&amp;b=2\"/>", "<img alt=\"a > b\" src=\"/p/x/i?a=1&amp;b=2\"/>")]
    [InlineData(
        "<form action=\"/f\"><input disabled formaction=\"/g\" value=\"/v\">",
        "<form action=\"/p/x/f\"><input disabled formaction=\"/p/x/g\" value=\"/v\">")]
    [InlineData("<video poster=\"/p\" src=\"/s\">", "<video poster=\"/p/x/p\" src=\"/p/x/s\">")]
    [InlineData(
        "<script src=\"/s.js\">if (a</b) '<a href=\"/no\">';</script><a href=\"/yes\">",
        "<script src=\"/p/x/s.js\">if (a</b) '<a href=\"/no\">';</script><a href=\"/p/x/yes\">")]
    [InlineData("<!-- <a href=\"/no\"> --><title><a href=\"/no\"></title>1 < 2 <a data-href=\"/no\" title=\"/no\">", null)]
    [InlineData("<!DOCTYPE html><a href=\"/\u00fc\u20ac\">\u00e4</a>", "<!DOCTYPE html><a href=\"/p/x/&#252;\u20ac\">\u00e4</a>")]
    [InlineData("<a href=\"/unfinished", "<a href=\"/p/x/unfinished\"")]
    [InlineData("<a href", null)]
    [InlineData("<script>never ends <a href=\"/no\">", null)]
    [InlineData("<", null)]
    public void Rewrite_Page_ChangesNothingButLinks(string page, string? expected) =>
        Assert.Equal(expected ?? page, Encoding.UTF8.GetString(HtmlLinks.Rewrite(Encoding.UTF8.GetBytes(page), s_links.Rewrite)));

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task ReadAsync_CompressedPage_StaysCompressed(string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packing = encoding == "gzip"
            ? new GZipStream(packed, CompressionMode.Compress, true)
            : new DeflateStream(packed, CompressionMode.Compress, true))
        {
            packing.Write("<a href=\"/a\">"u8);
        }

        packed.Position = 0;
        (byte[]? page, _) = await ProxiedPage.ReadAsync(packed, encoding, s_links, CancellationToken.None);

        using Stream unpacking = encoding == "gzip"
            ? new GZipStream(new MemoryStream(page!), CompressionMode.Decompress)
            : new DeflateStream(new MemoryStream(page!), CompressionMode.Decompress);
        Assert.Equal("<a href=\"/p/x/a\">", await new StreamReader(unpacking).ReadToEndAsync());
    }

    [Theory]
    [InlineData("text/html; charset=utf-8", "", true)]
    [InlineData("text/html", "gzip", true)]
    [InlineData("text/html", "br", false)]
    [InlineData("text/plain", "", false)]
    [InlineData(null, null, false)]
    public void Is_PageInAKnownEncoding_IsRewritten(string? type, string? encoding, bool expected) =>
        Assert.Equal(expected, ProxiedPage.Is(type, encoding));
}
