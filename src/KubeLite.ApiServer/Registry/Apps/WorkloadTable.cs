using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Apps;

/// <summary>Cells that the tables of workloads share.</summary>
public static class WorkloadTable
{
    /// <summary>The names of a Pod template's containers.</summary>
    public static string Containers(JsonMap? template) => Join(template, "name");

    /// <summary>The images of a Pod template's containers.</summary>
    public static string Images(JsonMap? template) => Join(template, "image");

    private static string Join(JsonMap? template, string member) =>
        string.Join(",", (template?.Map("spec")?.List("containers")?.Maps() ?? []).Select(c => c.String(member)));

    /// <summary>A number of the status; 0 where it isn't set.</summary>
    public static long Count(JsonMap obj, string name) => obj.Map("status")?.Integer(name) ?? 0;

    /// <summary>A label selector with &lt;none&gt; for an empty one.</summary>
    public static string Selector(JsonMap? selector) => TableText.Selector(selector);
}
