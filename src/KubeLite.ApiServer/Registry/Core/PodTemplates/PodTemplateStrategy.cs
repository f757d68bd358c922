using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.PodTemplates;

/// <summary>PodTemplates (Kubernetes v1.36, <c>pkg/registry/core/podtemplate</c>).</summary>
public sealed class PodTemplateStrategy : TemplatedStrategy
{
    /// <summary>Makes the strategy.</summary>
    public PodTemplateStrategy()
    {
        TracksGeneration = true;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override object? GenerationContent(JsonMap obj) => obj["template"];

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        PodTemplateValidation.Validate(obj.Map("template"), FieldPath.Of("template"), errors);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        old is null || !JsonValue.DeepEquals(obj["template"], old["template"])
            ? PodWarnings.Template(obj.Map("template"), FieldPath.Of("template"))
            : [];

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap? template = obj.Map("template");
        return
        [
            obj.MapAt("metadata").String("name"),
            WorkloadTable.Containers(template),
            WorkloadTable.Images(template),
            TableText.Labels(template?.Map("metadata")?.Map("labels")),
        ];
    }

    /// <inheritdoc />
    protected override JsonMap? TemplateOf(JsonMap obj) => obj.Map("template");
}
