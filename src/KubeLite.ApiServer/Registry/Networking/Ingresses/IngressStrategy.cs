using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.Ingresses;

/// <summary>Ingresses (Kubernetes v1.36, <c>pkg/registry/networking/ingress</c>).</summary>
public sealed class IngressStrategy : ResourceStrategy
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const int ShownHosts = 3;
    private const int AddressWidth = 16;

    /// <summary>Makes the strategy.</summary>
    public IngressStrategy() => TracksGeneration = true;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        IngressValidation.Spec(obj.MapAt("spec"), FieldPath.Of("spec"), errors);
        if (obj.MapAt("metadata").Map("annotations")?.String(ClassAnnotation) is { } annotation &&
            obj.MapAt("spec").String("ingressClassName") is { } className && annotation != className)
        {
            errors.Invalid(
                FieldPath.Of("annotations", ClassAnnotation), annotation, "must match `ingressClassName` when both are specified");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        IngressValidation.Spec(obj.MapAt("spec"), FieldPath.Of("spec"), errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status", "loadBalancer", "ingress");
        List<string> kept = [.. (old.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? []).Select(m => m.String("ip") ?? "")];
        int i = 0;
        foreach (JsonMap ingress in obj.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            string ip = ingress.String("ip") ?? "", hostname = ingress.String("hostname") ?? "";
            if (ip.Length > 0)
            {
                FieldRules.Address(ip, at.Child("ip"), errors, kept);
            }

            if (hostname.Length > 0)
            {
                FieldRules.Follows(NameRules.DnsSubdomain(hostname), hostname, at.Child("hostname"), errors);
                if (IpText.IsAddress(hostname))
                {
                    errors.Invalid(at.Child("hostname"), hostname, "must be a DNS name, not an IP address");
                }
            }
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        old is null && obj.MapAt("spec")["ingressClassName"] is null &&
            obj.MapAt("metadata").Map("annotations")?.ContainsKey(ClassAnnotation) == true
            ? [$"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead"]
            : [];

    /// <inheritdoc />
    public override IEnumerable<string> StatusWarnings(JsonMap obj) => AddressWarnings.LoadBalancer(obj);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            spec.String("ingressClassName") ?? TableText.None,
            Hosts(spec.List("rules")),
            Addresses(obj.Map("status")?.Map("loadBalancer")?.List("ingress")),
            spec.List("tls") is { Count: > 0 } ? "80, 443" : "80",
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static string Hosts(JsonList? rules)
    {
        var hosts = new List<string>();
        bool more = false;
        foreach (JsonMap rule in rules?.Maps() ?? [])
        {
            more |= hosts.Count == ShownHosts;
            if (!more && rule.String("host") is { Length: > 0 } host)
            {
                hosts.Add(host);
            }
        }

        string text = hosts.Count == 0 ? "*" : string.Join(",", hosts);
        return more ? $"{text} + {rules!.Count - ShownHosts} more..." : text;
    }

    private static string Addresses(JsonList? ingress)
    {
        IEnumerable<string> addresses = (ingress?.Maps() ?? [])
            .Select(i => i.String("ip") is { Length: > 0 } ip ? ip : i.String("hostname") ?? "")
            .Where(a => a.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        string text = string.Join(",", addresses);
        return text.Length > AddressWidth ? text[..(AddressWidth - 3)] + "..." : text;
    }
}
