using KubeLite.ApiServer.CustomResources.Validation;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>The formats of texts, as kube-openapi's <c>strfmt</c> takes them.</summary>
public sealed class ValueFormatsTests
{
    [Theory]
    [InlineData("hostname", "example.com", true)]
    [InlineData("hostname", "a-b.example.com", true)]
    [InlineData("hostname", "myhost", true)]
    [InlineData("hostname", "my-host", false)]
    [InlineData("hostname", "10.0.0.1", false)]
    [InlineData("hostname", "", false)]
    [InlineData("ipv4", "010.1.1.1", true)]
    [InlineData("ipv4", "0x7f.1.1.1", false)]
    [InlineData("ipv4", "::ffff:1.2.3.4", true)]
    [InlineData("ipv4", "127.1", false)]
    [InlineData("ipv6", "::1", true)]
    [InlineData("ipv6", "fe80::1%eth0", false)]
    [InlineData("ipv6", "1.2.3.4", false)]
    [InlineData("cidr", "10.0.0.1/8", true)]
    [InlineData("cidr", "10.0.0.0/33", false)]
    [InlineData("mac", "01:02:03:04:05:06", true)]
    [InlineData("mac", "01-02:03-04:05-06", false)]
    [InlineData("mac", "0102.0304.0506", true)]
    [InlineData("mac", "01:02:03:04:05", false)]
    [InlineData("duration", "1h30m", true)]
    [InlineData("duration", "2 days", true)]
    [InlineData("duration", "about 5 minutes or so", true)]
    [InlineData("duration", "5 sx", false)]
    [InlineData("duration", "5", false)]
    [InlineData("date", "2024-02-30", false)]
    [InlineData("date-time", "2024-02-03T04:05:06Z", true)]
    [InlineData("date-time", "2024-02-03t04:05:06.7z", true)]
    [InlineData("date-time", "2024-02-03T04:05:06+99:99", true)]
    [InlineData("date-time", "2024-02-03T24:05:06Z", false)]
    [InlineData("date-time", "2024-02-03 04:05:06Z", false)]
    [InlineData("uri", "http://foobar.com/?q=%2F", true)]
    [InlineData("uri", "mailto:someone@example.com", true)]
    [InlineData("uri", "/abs/test/dir", true)]
    [InlineData("uri", "./rel", false)]
    [InlineData("uri", "foobar.com", false)]
    [InlineData("uri", "http://host:port/", false)]
    [InlineData("uri", "http://[::1]:80/", true)]
    [InlineData("uri", "http://h/%zz", false)]
    [InlineData("byte", "YWJj", true)]
    [InlineData("byte", "YWJ", false)]
    [InlineData("ssn", "123-45-6789", true)]
    [InlineData("ssn", "123456789", false)]
    [InlineData("unheard-of", "anything", true)]
    public void IsValid_Text_IsTakenAsKubernetesTakesIt(string format, string text, bool valid) =>
        Assert.Equal(valid, ValueFormats.IsValid(format, text));
}
