using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>A Pod runs as a service account of its namespace and finds a token of it in its containers.</summary>
public sealed class ServiceAccountPlugin(ResourceRegistry registry, TimeProvider time) : AdmissionPlugin
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const string Default = "default";

    /// <summary>How often the default account is looked for: a controller makes it, soon after its namespace.</summary>
    private const int DefaultAttempts = 10;

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
        if (MirrorPod.Is(pod))
        {
            // A kubelet's own: changed, it would not be what runs.
            Refuse(request, MirrorPod.Fault(spec));
            return;
        }

        if ((spec.String("serviceAccountName") ?? "").Length == 0)
        {
            spec["serviceAccountName"] = Default;
            spec["serviceAccount"] = Default;
        }

        JsonMap account = await AccountAsync(request, spec, cancellationToken);
        if (spec["automountServiceAccountToken"] as bool? ?? account["automountServiceAccountToken"] as bool? ?? true)
        {
            MountToken(spec);
        }

        if (spec.List("imagePullSecrets") is not { Count: > 0 } && account.List("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepCopy();
        }

        Refuse(request, MountableSecrets.Fault(account, spec));
    }

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        bool creates = request.Creates("", "pods"), debugs = request.Context is
        { Operation: "UPDATE", Subresource: "ephemeralcontainers", Resource: { Group: "", Name: "pods" } };
        if (!creates && !debugs)
        {
            return;
        }

        JsonMap pod = request.Object!, spec = pod.MapAt("spec");
        if (creates && MirrorPod.Is(pod))
        {
            Refuse(request, MirrorPod.Fault(spec));
            return;
        }

        if ((spec.String("serviceAccountName") ?? "").Length == 0)
        {
            Refuse(request, $"no service account specified for pod {request.Context.Namespace}/{request.Context.Name}");
        }

        JsonMap account = await AccountAsync(request, spec, cancellationToken);
        Refuse(request, creates ? MountableSecrets.Fault(account, spec) : MountableSecrets.EphemeralFault(account, spec));
    }

    private static void Refuse(AdmissionRequest request, string? fault)
    {
        if (fault is not null)
        {
            throw ApiException.Forbidden("", "pods", request.Context.Name, fault);
        }
    }

    private async ValueTask<JsonMap> AccountAsync(AdmissionRequest request, JsonMap spec, CancellationToken cancellationToken)
    {
        string ns = request.Context.Namespace, name = spec.String("serviceAccountName")!;
        TimeSpan pause = TimeSpan.FromMilliseconds(Random.Shared.Next(100, 200));
        for (int left = name == Default ? DefaultAttempts : 1; left > 0; left--)
        {
            if (await registry.FindAsync("", "serviceaccounts", ns, name, cancellationToken) is { } account)
            {
                return account;
            }

            if (left > 1)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }

        throw ApiException.Forbidden(
            "", "pods", request.Context.Name, $"error looking up service account {ns}/{name}: serviceaccount \"{name}\" not found");
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
