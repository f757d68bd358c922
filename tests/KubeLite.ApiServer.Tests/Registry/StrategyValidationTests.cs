using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.AdmissionRegistration;
using KubeLite.ApiServer.Registry.FlowControl;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Resource;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The faults of FlowSchemas, admission policies and ResourceSlices, in the words of Kubernetes v1.36.</summary>
public sealed class StrategyValidationTests
{
    [Theory]
    [InlineData("""{"verbs":["*"],"nonResourceURLs":["*"]}""", "")]
    [InlineData("""{"verbs":["*"],"nonResourceURLs":["/a/*","/"]}""", "")]
    [InlineData(
        """{"verbs":["*"],"nonResourceURLs":["/a*"]}""",
        "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"/a*\": wildcard can only do suffix matching")]
    [InlineData(
        """{"verbs":["*","get"],"nonResourceURLs":["/"]}""",
        "spec.rules[0].nonResourceRules[0].verbs: Invalid value: [\"*\",\"get\"]: if '*' is present, must not specify other verbs")]
    [InlineData(
        """{"verbs":[],"nonResourceURLs":["/"]}""",
        "spec.rules[0].nonResourceRules[0].verbs: Required value: verbs must contain at least one value")]
    public void Validate_FlowSchema_NamesFaultsOfUrls(string rule, string faults) =>
        Check(new FlowSchemaStrategy(), $$$"""
            {"metadata":{"name":"x"},"spec":{"matchingPrecedence":9,"priorityLevelConfiguration":{"name":"a"},
             "rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"nonResourceRules":[{{{rule}}}]}]}}
            """, faults);

    [Theory]
    [InlineData(64, 8, "")]
    [InlineData(1024, 6, "")]
    [InlineData(
        1024, 7,
        "spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60")]
    [InlineData(4, 5, "spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)")]
    public void Validate_PriorityLevel_BoundsTheHand(int queues, int hand, string faults) =>
        Check(new PriorityLevelConfigurationStrategy(), $$$$"""
            {"metadata":{"name":"x"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Queue","queuing":
             {"queues":{{{{queues}}}},"handSize":{{{{hand}}}},"queueLengthLimit":1} } } } }
            """, faults);

    [Theory]
    [InlineData(""" "variables":[{"name":"a1","expression":"1"}] """, "")]
    [InlineData(
        """ "variables":[{"name":"1a","expression":"1"}] """,
        "spec.variables[0].name: Invalid value: \"1a\": must be a valid CEL identifier")]
    [InlineData(
        """ "paramKind":{"apiVersion":"v1/","kind":"A"} """,
        "spec.paramKind.apiVersion: Invalid value: \"v1/\": version must be specified")]
    [InlineData(
        """ "auditAnnotations":[{"key":"k","valueExpression":" "}] """,
        "spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified")]
    public void Validate_Policy_NamesFaults(string members, string faults) =>
        Check(new AdmissionPolicyStrategy(mutating: false), $$$"""
            {"metadata":{"name":"x"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["pods"]}]},
             "validations":[{"expression":"true"}],{{{members}}} }}
            """, faults);

    [Theory]
    [InlineData(""" "attributes":{"a":{"version":"1.0.0-rc.1+b"}} """, "")]
    [InlineData(
        """ "attributes":{"a":{"version":"1.0"}} """,
        "spec.devices[0].attributes[a].version: Invalid value: \"1.0\": must be a string compatible with semver.org spec 2.0.0")]
    [InlineData(""" "attributes":{"a":{}} """, "spec.devices[0].attributes[a]: Invalid value: \"\": exactly one value must be specified")]
    [InlineData(""" "attributes":{"/a":{"int":1}} """, "spec.devices[0].attributes: Invalid value: \"\": the domain must not be empty")]
    [InlineData(
        """ "bindingConditions":["a"] """,
        "spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions")]
    [InlineData(
        """ "allNodes":true """,
        "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec")]
    public void Validate_Slice_NamesFaultsOfDevices(string members, string faults) =>
        Check(new ResourceSliceStrategy(), $$$"""
            {"metadata":{"name":"x"},"spec":{"driver":"d","pool":{"name":"p","resourceSliceCount":1},"nodeName":"n","devices":[{"name":"x",{{{members}}} }]}}
            """, faults);

    private static void Check(ResourceStrategy strategy, string text, string faults)
    {
        var errors = new FieldErrors();
        strategy.Validate(null!, JsonReading.ReadMap(Encoding.UTF8.GetBytes(text)), errors);
        Assert.Equal(faults, string.Join("\n", errors.Select(e => e.ToString())));
    }
}
