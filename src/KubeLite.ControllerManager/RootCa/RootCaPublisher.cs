using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.RootCa;

/// <summary>
/// The <c>root-ca-certificate-publisher-controller</c>: every namespace has a ConfigMap <c>kube-root-ca.crt</c> with the
/// authorities that Pods check the API server by.
/// </summary>
public sealed class RootCaPublisher : KeyedController<string>
{
    private const string MapName = "kube-root-ca.crt";
    private const string Entry = "ca.crt";
    private const string DescriptionAnnotation = "kubernetes.io/description";
    private const string Description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the " +
        "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    private readonly string _bundle;
    private readonly SharedInformer<V1Namespace> _namespaces;
    private readonly SharedInformer<V1ConfigMap> _maps;

    private RootCaPublisher(ControllerContext context, string bundle) : base(context, "root-ca-certificate-publisher-controller", 1)
    {
        _bundle = bundle;
        _namespaces = Watch<V1Namespace>();
        _maps = Await(context.Informers.Informer<V1ConfigMap>(new InformerSelection(FieldSelector: "metadata.name=" + MapName)));
        _namespaces.AddHandler(
            new ResourceEventHandler<V1Namespace>(n => Queue.Add(n.Metadata.Name), (_, n) => Queue.Add(n.Metadata.Name)));
        _maps.AddHandler(new ResourceEventHandler<V1ConfigMap>(
            updated: (_, m) => Queue.Add(m.Metadata.NamespaceProperty), deleted: m => Queue.Add(m.Metadata.NamespaceProperty)));
    }

    /// <summary>Makes it with the authorities of the options, or of the connection.</summary>
    public static RootCaPublisher Create(ControllerContext context) => new(context, Bundle(context.Options));

    /// <summary>PEM of the authorities that Pods check the API server by; empty without TLS, when there is nothing to check.</summary>
    internal static string Bundle(ControllerManagerOptions options)
    {
        if (options.RootCaFile is { } file)
        {
            return File.ReadAllText(file);
        }
        var authorities = options.Connection is { } connection
            ? connection.CertificateAuthorities
            : options.KubeconfigFile is { } kubeconfig
                ? Kubeconfig.Parse(
                    File.ReadAllText(kubeconfig), Path.GetDirectoryName(Path.GetFullPath(kubeconfig)) ?? ".", "").CertificateAuthorities
                : null;
        return authorities?.ExportCertificatePems() ?? "";
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Store.Get("", key) is not { } ns || ns.Status?.Phase == "Terminating")
        {
            return ReconcileResult.Done;
        }
        try
        {
            await EnsureAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating || e.IsNotFound)
        {
            // It is there, or its namespace is going.
        }
        return ReconcileResult.Done;
    }

    private async Task EnsureAsync(string ns, CancellationToken cancellationToken)
    {
        if (_maps.Store.Get(ns, MapName) is not { } map)
        {
            await Client.CreateAsync(
                new V1ConfigMap
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = MapName,
                        NamespaceProperty = ns,
                        Annotations = new Dictionary<string, string> { [DescriptionAnnotation] = Description },
                    },
                    Data = new Dictionary<string, string> { [Entry] = _bundle },
                },
                cancellationToken).ConfigureAwait(false);
            return;
        }
        if (map.Data is { Count: 1 } data && data.TryGetValue(Entry, out var current) && current == _bundle
            && map.Metadata.Annotations?.ContainsKey(DescriptionAnnotation) == true)
        {
            return;
        }
        var annotations = new Dictionary<string, string>(map.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            [DescriptionAnnotation] = Description
        };
        await Client.UpdateAsync(
            map with
            {
                Metadata = map.Metadata with { Annotations = annotations },
                Data = new Dictionary<string, string> { [Entry] = _bundle },
                BinaryData = null,
            },
            cancellationToken).ConfigureAwait(false);
    }
}
