using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>The strategy of a kind that holds a Pod template: what is prepared in every template is prepared here.</summary>
public abstract class TemplatedStrategy : ResourceStrategy
{
    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => PodDisabledFields.Drop(TemplateOf(obj)?.Map("spec"), null);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) =>
        PodDisabledFields.Drop(TemplateOf(obj)?.Map("spec"), TemplateOf(old)?.Map("spec"));

    /// <summary>The template of an object; null where it has none.</summary>
    protected virtual JsonMap? TemplateOf(JsonMap obj) => obj.Map("spec")?.Map("template");
}
