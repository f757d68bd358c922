using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>The defaults of Pods and of the specs in templates (Kubernetes' <c>apis/core/v1/defaults.go</c>).</summary>
public static class PodSpecDefaults
{
    private const string Core = "io.k8s.api.core.v1.";

    private const long DefaultMode = 420;

    /// <summary>Adds every rule of a Pod's types.</summary>
    public static void Register(Defaulter defaulter)
    {
        defaulter.Add(Core + "Pod", Pod);
        defaulter.Add(Core + "PodSpec", PodSpec);
        defaulter.Add(Core + "Container", Container);
        defaulter.Add(Core + "EphemeralContainer", Container);
        defaulter.Add(Core + "ContainerPort", p => p.SetDefault("protocol", "TCP"));
        defaulter.Add(Core + "Probe", Probe);
        defaulter.Add(Core + "HTTPGetAction", h =>
        {
            SetText(h, "path", "/");
            SetText(h, "scheme", "HTTP");
        });
        defaulter.Add(Core + "GRPCAction", g => g.SetDefault("service", ""));
        defaulter.Add(Core + "Volume", Volume);
        foreach (string type in (string[])
            ["SecretVolumeSource", "ConfigMapVolumeSource", "DownwardAPIVolumeSource", "ProjectedVolumeSource"])
        {
            defaulter.Add(Core + type, v => v.SetDefault("defaultMode", DefaultMode));
        }

        defaulter.Add(Core + "HostPathVolumeSource", h => h.SetDefault("type", ""));
        defaulter.Add(Core + "ServiceAccountTokenProjection", t => t.SetDefault("expirationSeconds", 3600L));
        defaulter.Add(Core + "ObjectFieldSelector", f => SetText(f, "apiVersion", "v1"));
        foreach (string type in (string[])["ISCSIVolumeSource", "ISCSIPersistentVolumeSource"])
        {
            defaulter.Add(Core + type, i => SetText(i, "iscsiInterface", "default"));
        }

        foreach (string type in (string[])["RBDVolumeSource", "RBDPersistentVolumeSource"])
        {
            defaulter.Add(Core + type, r =>
            {
                SetText(r, "pool", "rbd");
                SetText(r, "user", "admin");
                SetText(r, "keyring", "/etc/ceph/keyring");
            });
        }

        defaulter.Add(Core + "AzureDiskVolumeSource", a =>
        {
            a.SetDefault("cachingMode", "ReadWrite");
            a.SetDefault("kind", "Shared");
            a.SetDefault("fsType", "ext4");
            a.SetDefault("readOnly", false);
        });
        defaulter.Add(Core + "ScaleIOVolumeSource", s =>
        {
            SetText(s, "storageMode", "ThinProvisioned");
            SetText(s, "fsType", "xfs");
        });
    }

    private static void Pod(JsonMap pod)
    {
        JsonMap spec = pod.MapAt("spec");
        foreach (string kind in (string[])["containers", "initContainers"])
        {
            foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
            {
                RequestsFromLimits(container);
            }
        }

        spec.SetDefault("enableServiceLinks", true);
        if (spec.Flag("hostNetwork"))
        {
            HostPorts(spec.List("containers"));
            HostPorts(spec.List("initContainers"));
        }

        if (spec.Map("resources") is { } resources)
        {
            HugePageLimits(spec, resources);
            PodRequests(spec, resources);
        }
    }

    /// <summary>A Pod with resources of its own may have as many huge pages as its containers may, where it doesn't say.</summary>
    private static void HugePageLimits(JsonMap spec, JsonMap resources)
    {
        JsonMap? requests = resources.Map("requests"), limits = resources.Map("limits");
        if (requests is not { Count: > 0 } && limits is not { Count: > 0 })
        {
            return;
        }

        foreach (var (name, amount) in ContainerSums.Limits(spec))
        {
            if (ResourceNames.IsHugePages(name) && requests?.ContainsKey(name) != true)
            {
                resources.MapAt("limits").SetDefault(name, amount.ToString());
            }
        }
    }

    /// <summary>A Pod with limits of its own asks for what its containers ask for, or else for what it is limited to.</summary>
    private static void PodRequests(JsonMap spec, JsonMap resources)
    {
        if (resources.Map("limits") is not { Count: > 0 } limits)
        {
            return;
        }

        JsonMap requests = resources.MapAt("requests");
        foreach (var (name, amount) in ContainerSums.Requests(spec))
        {
            if (name is "cpu" or "memory")
            {
                requests.SetDefault(name, amount.ToString());
            }
        }

        foreach (var (name, amount) in limits)
        {
            if (ContainerSums.IsForPods(name))
            {
                requests.SetDefault(name, amount);
            }
        }

        if (requests.Count == 0)
        {
            resources.Remove("requests");
        }
    }

    /// <summary>What has a limit and no request gets a request of that much.</summary>
    private static void RequestsFromLimits(JsonMap holder)
    {
        if (holder.Map("resources") is not { } resources || resources.Map("limits") is not { Count: > 0 } limits)
        {
            return;
        }

        JsonMap requests = resources.MapAt("requests");
        foreach (var (name, value) in limits)
        {
            requests.SetDefault(name, value);
        }
    }

    private static void HostPorts(JsonList? containers)
    {
        foreach (JsonMap container in containers?.Maps() ?? [])
        {
            foreach (JsonMap port in container.List("ports")?.Maps() ?? [])
            {
                if (port.Integer("hostPort") is null or 0)
                {
                    port["hostPort"] = port["containerPort"];
                }
            }
        }
    }

    private static void PodSpec(JsonMap spec)
    {
        SetText(spec, "dnsPolicy", "ClusterFirst");
        SetText(spec, "restartPolicy", "Always");
        SetText(spec, "schedulerName", "default-scheduler");
        spec.SetDefault("securityContext", new JsonMap());
        spec.SetDefault("terminationGracePeriodSeconds", 30L);
        // Two names of one field: whichever was sent is both.
        if (spec.String("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }
        else if (spec.String("serviceAccount") is { Length: > 0 } old)
        {
            spec["serviceAccountName"] = old;
        }

        // A grace period that is negative counts as one second.
        if (spec.Integer("terminationGracePeriodSeconds") < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1L;
        }
    }

    private static void Container(JsonMap container)
    {
        if ((container.String("imagePullPolicy") ?? "").Length == 0)
        {
            container["imagePullPolicy"] = IsLatest(container.String("image") ?? "") ? "Always" : "IfNotPresent";
        }

        SetText(container, "terminationMessagePath", "/dev/termination-log");
        SetText(container, "terminationMessagePolicy", "File");
    }

    private static void Probe(JsonMap probe)
    {
        SetNumber(probe, "timeoutSeconds", 1);
        SetNumber(probe, "periodSeconds", 10);
        SetNumber(probe, "successThreshold", 1);
        SetNumber(probe, "failureThreshold", 3);
    }

    private static void Volume(JsonMap volume)
    {
        // A volume of nothing is an empty directory.
        if (volume.All(m => m.Key == "name" || m.Value is null))
        {
            volume["emptyDir"] = new JsonMap();
        }

        if (volume.Map("image") is { } image && (image.String("pullPolicy") ?? "").Length == 0)
        {
            image["pullPolicy"] = IsLatest(image.String("reference") ?? "") ? "Always" : "IfNotPresent";
        }
    }

    /// <summary>True where an image has the tag latest, said or unsaid; a digest is never latest.</summary>
    public static bool IsLatest(string image)
    {
        if (image.Contains('@'))
        {
            return false;
        }

        int slash = image.LastIndexOf('/');
        int colon = image.LastIndexOf(':');
        return image.Length > 0 && (colon <= slash || image[(colon + 1)..] == "latest");
    }

    private static void SetText(JsonMap map, string name, string value)
    {
        if ((map.String(name) ?? "").Length == 0)
        {
            map[name] = value;
        }
    }

    private static void SetNumber(JsonMap map, string name, long value)
    {
        if (map.Integer(name) is null or 0)
        {
            map[name] = value;
        }
    }
}
