using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>A FlowSchema, ready to be asked.</summary>
internal sealed class FlowSchema
{
    private readonly List<FlowRule> _rules = [];
    private readonly string _distinguisher;

    /// <summary>Reads the object.</summary>
    public FlowSchema(JsonMap obj, PriorityLevel level)
    {
        Level = level;
        Name = obj.Map("metadata")?.String("name") ?? "";
        Uid = obj.Map("metadata")?.String("uid") ?? "";
        JsonMap? spec = obj.Map("spec");
        Precedence = spec?.Integer("matchingPrecedence") ?? 1000;
        _distinguisher = spec?.Map("distinguisherMethod")?.String("type") ?? "";
        foreach (JsonMap rule in spec?.List("rules")?.Maps() ?? [])
        {
            _rules.Add(new FlowRule(rule));
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its uid, which answers tell.</summary>
    public string Uid { get; }

    /// <summary>Schemas with smaller numbers are asked first.</summary>
    public long Precedence { get; }

    /// <summary>The level of its requests.</summary>
    public PriorityLevel Level { get; }

    /// <summary>True where it speaks of the request.</summary>
    public bool Matches(ApiRequest request)
    {
        foreach (FlowRule rule in _rules)
        {
            if (rule.Matches(request))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A number that the requests of one flow share, from process to process another.</summary>
    public ulong FlowOf(ApiRequest request) =>
        (uint)HashCode.Combine(Name, Distinguish(request)) | ((ulong)(uint)HashCode.Combine(Distinguish(request), Name, 1) << 32);

    private string Distinguish(ApiRequest request) => _distinguisher switch
    {
        "ByUser" => request.User.Name,
        "ByNamespace" => request.Info.Namespace,
        _ => "",
    };
}
