using System.Text;
using KubeLite.ApiMachinery.Documents;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Documents;

public sealed class StoredJsonTests
{
    [Theory]
    [InlineData("""{"kind":"A","metadata":{"name":"n","resourceVersion":"0","uid":"u"},"spec":{"metadata":{"resourceVersion":"1"}}}""")]
    [InlineData("""{"metadata":{"resourceVersion":"0","uid":"ü"}}""")]
    [InlineData("""{"metadata":{"name":"\"resourceVersion\"","resourceVersion":"0"},"z":[{},[],null]}""")]
    [InlineData("""{"metadata":{"resourceVersion":"0"}}""")]
    public void Write_AnyPlace_GivesTheDocumentWithItsRevision(string text)
    {
        JsonMap obj = JsonReading.ReadMap(Encoding.UTF8.GetBytes(text));

        StoredJson stored = JsonWriting.ToStored(obj);

        foreach (long revision in (long[])[7, long.MaxValue])
        {
            byte[] target = new byte[stored.MaxLength];
            int length = stored.Write(target, revision);
            obj.MapAt("metadata")["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(JsonWriting.ToText(obj) + "\n", Encoding.UTF8.GetString(target, 0, length));
        }

        obj.MapAt("metadata").Remove("resourceVersion");
        Assert.Equal(JsonWriting.ToText(obj), Encoding.UTF8.GetString(stored.Bytes.Span));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"n"},"spec":{"resourceVersion":"1"}}""")]
    [InlineData("""{"metadata":null}""")]
    [InlineData("{}")]
    public void ToStored_NoRevision_IsRefused(string text)
    {
        JsonMap obj = JsonReading.ReadMap(Encoding.UTF8.GetBytes(text));

        Assert.Throws<ArgumentException>(() => JsonWriting.ToStored(obj));
    }
}
