using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.CustomResources.Validation;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>What a schema says of values, in kube-openapi's words and order.</summary>
public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData(
        """{"type":"integer","format":"int32"}""", "1.5",
        "a: Invalid value: \"float64\": a in body must be of type int32: \"float64\" | <nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in a")]
    [InlineData("""{"type":"integer","format":"int32"}""", "true", "a: Invalid value: \"\": a in body must be of type int32: \"\"")]
    [InlineData(
        """{"type":"integer","format":"int32"}""", "\"x\"", "a: Invalid value: \"string\": a in body must be of type integer: \"string\"")]
    [InlineData(
        """{"type":"integer"}""", "1.5",
        "a: Invalid value: \"number\": a in body must be of type integer: \"number\" | <nil>: Invalid value: \"\": Checked value must be of type integer (default format) in a")]
    [InlineData("""{"type":"integer"}""", "2.0", "")]
    [InlineData(
        """{"type":"integer","format":"int32"}""", "2147483648",
        "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in a")]
    [InlineData(
        """{"type":"number","format":"float"}""", "1e300",
        "<nil>: Invalid value: \"\": Checked value must be of type number with format float in a")]
    [InlineData("""{"type":"string","format":"date"}""", "5", "a: Invalid value: \"int64\": a in body must be of type date: \"int64\"")]
    [InlineData("""{"type":"string","format":"date"}""", "[1]", "")]
    [InlineData(
        """{"x-kubernetes-int-or-string":true,"format":"ipv4"}""",
        "\"x\"", "a: Invalid value: \"x\": a in body must be of type ipv4: \"x\"")]
    [InlineData(
        """{"x-kubernetes-int-or-string":true}""", "{}",
        "a: Invalid value: \"object\": a in body must be of type integer,string: \"object\"")]
    public void Validate_Types_AreNamedAsFormatAndTypeAskFor(string schema, string value, string expected) =>
        Assert.Equal(expected, Faults(schema, value));

    [Theory]
    [InlineData(
        """{"type":"string","maxLength":2,"minLength":9,"pattern":"^x$"}""", "\"abc\"", "a: Too long: may not be more than 2 bytes")]
    [InlineData(
        """{"type":"string","minLength":9,"pattern":"^x$"}""", "\"abc\"",
        "a: Invalid value: \"abc\": a in body should be at least 9 chars long")]
    [InlineData(
        """{"type":"string","pattern":"^x$","format":"ipv4"}""", "\"abc\"",
        "a: Invalid value: \"abc\": a in body should match '^x$' | a: Invalid value: \"abc\": a in body must be of type ipv4: \"abc\"")]
    public void Validate_Texts_TellTheFirstFaultOfLengthAndPattern(string schema, string value, string expected) =>
        Assert.Equal(expected, Faults(schema, value));

    [Theory]
    [InlineData(
        """{"type":"integer","minimum":5,"maximum":3}""", "4",
        "a: Invalid value: 4: a in body should be greater than or equal to 5 | a: Invalid value: 4: a in body should be less than or equal to 3")]
    [InlineData(
        """{"type":"integer","maximum":1.5}""", "1",
        "<nil>: Invalid value: \"\": Maximum boundary value must be of type integer (default format) in a")]
    [InlineData("""{"type":"number","maximum":1.5}""", "2", "a: Invalid value: 2: a in body should be less than or equal to 1")]
    [InlineData(
        """{"type":"number","maximum":1.5}""", "1000000.5",
        "a: Invalid value: 1.0000005e+06: a in body should be less than or equal to 1.5")]
    [InlineData("""{"type":"number","multipleOf":0.5}""", "3", "a: Invalid value: 0: factor MultipleOf declared for a must be positive: 0")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"type":"integer","multipleOf":3}""", "7", "a: Invalid value: 7: a in body should be a multiple of 3")]
    public void Validate_Numbers_AreComparedInTheKindOfTheValue(string schema, string value, string expected) =>
        Assert.Equal(expected, Faults(schema, value));

    [Theory]
    [InlineData(
        """{"type":"string","nullable":true,"enum":["a",null]}""", "null", "a: Unsupported value: null: supported values: \"a\", \"null\"")]
    [InlineData("""{"type":"number","enum":[1]}""", "1.0", "")]
    [InlineData(
        """{"type":"object","minProperties":2,"required":["k"],"additionalProperties":{"type":"string"}}""", """{"x":1}""",
        "a: Invalid value: 1: a in body should have at least 2 properties | a.x: Invalid value: \"integer\": a.x in body must be of type string: \"integer\" | a.k: Required value")]
    [InlineData(
        """{"type":"array","items":{"type":"string"},"minItems":2}""", "[1]",
        "a[0]: Invalid value: \"integer\": a[0] in body must be of type string: \"integer\" | a: Invalid value: 1: a in body should have at least 2 items")]
    public void Validate_WhatIsInside_IsToldBeforeHowMuchThereIs(string schema, string value, string expected) =>
        Assert.Equal(expected, Faults(schema, value));

    [Theory]
    [InlineData(
        """{"allOf":[{"required":["k"]},{"required":["k"]}]}""",
        "a.k: Required value | <nil>: Invalid value: \"\": \"a\" must validate all the schemas (allOf). None validated")]
    [InlineData(
        """{"anyOf":[{"required":["k"]},{"properties":{"x":{"enum":["y"]}},"required":["x"]}]}""",
        "<nil>: Invalid value: \"\": \"a\" must validate at least one schema (anyOf) | a.x: Unsupported value: \"z\": supported values: \"y\"")]
    [InlineData(
        """{"oneOf":[{"required":["x"]},{"required":["x"]}]}""",
        "<nil>: Invalid value: \"\": \"a\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"not":{"required":["x"]}}""", "<nil>: Invalid value: \"\": \"a\" must not validate the schema (not)")]
    public void Validate_Combinations_TellOfTheNearestOption(string schema, string expected) =>
        Assert.Equal(expected, Faults(schema, """{"x":"z"}"""));

    [Fact]
    public void ValidateUpdate_Unchanged_IsForgivenWhereItIsFound()
    {
        const string Schema = """
            {"type":"object","properties":{
              "kept":{"type":"string","enum":["a"]},
              "map":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","properties":{"n":{"type":"string"},"v":{"type":"string","enum":["a"]}}}},
              "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string","enum":["a"]}},
              "option":{"type":"object","properties":{"v":{"type":"string"},"w":{"type":"string"}},"allOf":[{"properties":{"v":{"enum":["a"]}}}]}}}
            """;
        var errors = new FieldErrors();
        SchemaValidator.ValidateUpdate(
            Read("""{"kept":"old","map":[{"n":"2","v":"old"},{"n":"1","v":"old"}],"set":["old","new"],"option":{"v":"old","w":"new"}}"""),
            Read("""{"kept":"old","map":[{"n":"1","v":"old"}],"set":["old"],"option":{"v":"old","w":"old"}}"""),
            (JsonMap)Read(Schema)!, FieldPath.Of("status"), errors);

        Assert.Equal(
            ["status.map[0].v", "status", "status.option.v", "status.set[0]", "status.set[1]"],
            errors.Select(e => e.Field).Order(Comparer<string>.Create((a, b) => Rank(a).CompareTo(Rank(b)))));

        static int Rank(string field) =>
            field switch { "status.map[0].v" => 0, "status" => 1, "status.option.v" => 2, "status.set[0]" => 3, _ => 4 };
    }

    private static string Faults(string schema, string value)
    {
        var errors = new FieldErrors();
        var root = new JsonMap { { "type", "object" }, { "properties", new JsonMap { { "a", Read(schema) } } } };
        SchemaValidator.Validate(new JsonMap { { "a", Read(value) } }, root, null, errors);
        return string.Join(" | ", errors);
    }

    private static object? Read(string json) => JsonReading.Read(Encoding.UTF8.GetBytes(json));
}
