using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>A Pod runs as a service account of its namespace and finds a token of it in its containers.</summary>
public sealed class ServiceAccountPlugin(ResourceRegistry registry) : AdmissionPlugin
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    /// <inheritdoc />
    public override string Name => "ServiceAccount";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("", "pods"))
        {
            return;
        }

        JsonMap pod = request.Object!, spec = pod.MapAt("spec");
        if (pod.MapAt("metadata").Map("annotations")?.ContainsKey(MirrorAnnotation) == true)
        {
            return;
        }

        WriteContext context = request.Context;
        if ((spec.String("serviceAccountName") ?? "").Length == 0)
        {
            spec["serviceAccountName"] = "default";
            spec["serviceAccount"] = "default";
        }

        string name = spec.String("serviceAccountName")!;
        JsonMap account = await registry.FindAsync("", "serviceaccounts", context.Namespace, name, cancellationToken)
            ?? throw ApiException.Forbidden(
                "", "pods", context.Name,
                $"error looking up service account {context.Namespace}/{name}: serviceaccount \"{name}\" not found");
        if (spec["automountServiceAccountToken"] as bool? ?? account["automountServiceAccountToken"] as bool? ?? true)
        {
            MountToken(spec);
        }

        if (spec.List("imagePullSecrets") is not { Count: > 0 } && account.List("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepCopy();
        }
    }

    private static void MountToken(JsonMap spec)
    {
        string? volume = null;
        foreach (JsonMap existing in spec.List("volumes")?.Maps() ?? [])
        {
            if (existing.String("name")?.StartsWith(VolumePrefix, StringComparison.Ordinal) == true)
            {
                volume = existing.String("name");
            }
        }

        string name = volume ?? ObjectNames.Generate(VolumePrefix);
        bool needed = false;
        foreach (string kind in (string[])["initContainers", "containers"])
        {
            foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
            {
                JsonList mounts = container.List("volumeMounts") ?? [];
                if (mounts.Maps().Any(m => m.String("mountPath") == MountPath))
                {
                    continue;
                }

                mounts.Add(new JsonMap { { "name", name }, { "readOnly", true }, { "mountPath", MountPath } });
                container["volumeMounts"] = mounts;
                needed = true;
            }
        }

        if (needed && volume is null)
        {
            JsonList volumes = spec.List("volumes") ?? [];
            volumes.Add(TokenVolume(name));
            spec["volumes"] = volumes;
        }
    }

    /// <summary>
    /// The volume with token, authority and namespace. The fourth source stands in the conversations recorded from v1.36.2;
    /// upstream has three.
    /// </summary>
    private static JsonMap TokenVolume(string name) => new()
    {
        { "name", name },
        {
            "projected", new JsonMap
            {
                {
                    "sources", new JsonList
                    {
                        new JsonMap { { "serviceAccountToken", new JsonMap { { "expirationSeconds", 3607L }, { "path", "token" } } } },
                        ConfigMapSource("kube-root-ca.crt", "ca.crt"),
                        new JsonMap
                        {
                            {
                                "downwardAPI", new JsonMap
                                {
                                    {
                                        "items", new JsonList
                                        {
                                            new JsonMap
                                            {
                                                { "path", "namespace" },
                                                { "fieldRef", new JsonMap
                                                {
                                                    { "apiVersion", "v1" },
                                                    { "fieldPath", "metadata.namespace" },
                                                } },
                                            },
                                        }
                                    },
                                }
                            },
                        },
                        ConfigMapSource("openshift-service-ca.crt", "service-ca.crt"),
                    }
                },
                { "defaultMode", 420L },
            }
        },
    };

    private static JsonMap ConfigMapSource(string name, string key) => new()
    {
        { "configMap", new JsonMap { { "name", name }, { "items", new JsonList { new JsonMap { { "key", key }, { "path", key } } } } } },
    };
}
