using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The faults of Pods, in the words and order of Kubernetes v1.36's <c>ValidatePodSpec</c>.</summary>
public sealed class PodSpecValidationTests
{
    private const string Label =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    [Fact]
    public void Validate_DefaultedPod_HasNoFault() => Assert.Equal("", PodCase.Faults("{}"));

    [Theory]
    [InlineData("""{"containers":[]}""", "spec.containers: Required value")]
    [InlineData(
        """{"containers":[{"name":"c","image":"a"},{"name":"c","image":"b"}]}""", "spec.containers[1].name: Duplicate value: \"c\"")]
    [InlineData(
        """{"initContainers":[{"name":"i","image":"a","livenessProbe":{"exec":{"command":["a"]}}}]}""",
        "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always")]
    [InlineData(
        """{"restartPolicy":"Sometimes","dnsPolicy":"X"}""",
        "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"\nspec.dnsPolicy: Unsupported value: \"X\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\"")]
    [InlineData(
        """{"hostUsers":false,"hostNetwork":true,"hostPID":true}""",
        "spec.hostNetwork: Forbidden: when `hostUsers` is false\nspec.HostPID: Forbidden: when `hostUsers` is false")]
    [InlineData("""{"schedulingGates":[{"name":"a"},{"name":"a"}]}""", "spec.schedulingGates[1]: Duplicate value: \"a\"")]
    [InlineData("""{"os":{"name":"mac"}}""", "spec.os: Unsupported value: \"mac\": supported values: \"linux\", \"windows\"")]
    [InlineData(
        """{"os":{"name":"windows"},"securityContext":{"runAsUser":1}}""",
        "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod")]
    [InlineData(
        """{"os":{"name":"linux"},"securityContext":{"windowsOptions":{"hostProcess":false}}}""",
        "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod")]
    [InlineData(
        """{"resourceClaims":[{"name":"a"}]}""",
        "spec.resourceClaims[0]: Invalid value: {\"Name\":\"a\",\"ResourceClaimName\":null,\"ResourceClaimTemplateName\":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")]
    [InlineData(
        """{"dnsConfig":{"nameservers":["x"],"options":[{}]}}""",
        "spec.dnsConfig.nameservers[0]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)\nspec.dnsConfig.options[0]: Required value: must not be empty")]
    [InlineData("""{"overhead":{"cpu":"-1"}}""", "spec.overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData(
        """{"preemptionPolicy":"X"}""",
        "spec.preemptionPolicy: Unsupported value: \"X\": supported values: \"PreemptLowerPriority\", \"Never\"")]
    public void Validate_Spec_NamesFaults(string spec, string faults) => Assert.Equal(faults, PodCase.Faults(spec));

    [Theory]
    [InlineData(
        """{"tolerations":[{"key":"a","operator":"Foo","effect":"Bar","tolerationSeconds":1}]}""",
        "spec.tolerations[0].effect: Invalid value: \"Bar\": effect must be 'NoExecute' when `tolerationSeconds` is set\nspec.tolerations[0].operator: Unsupported value: \"Foo\": supported values: \"Equal\", \"Exists\"\nspec.tolerations[0].effect: Unsupported value: \"Bar\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"")]
    [InlineData(
        """{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"","whenUnsatisfiable":"DoNotSchedule"},{"maxSkew":1,"topologyKey":"","whenUnsatisfiable":"DoNotSchedule","minDomains":0}]}""",
        "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty\nspec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{, DoNotSchedule}\"\nspec.topologySpreadConstraints[1].topologyKey: Required value: can not be empty\nspec.topologySpreadConstraints[1].minDomains: Invalid value: 0: must be greater than zero")]
    [InlineData(
        """{"affinity":{"podAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"podAffinityTerm":{"topologyKey":"k"}}]}}}""",
        "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100")]
    [InlineData(
        """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":""}]}}}""",
        "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty\nspec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must be non-empty\nspec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": " +
            Label)]
    [InlineData(
        """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}}}""",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term")]
    public void Validate_Scheduling_NamesFaults(string spec, string faults) => Assert.Equal(faults, PodCase.Faults(spec));

    [Theory]
    [InlineData(
        """{"volumes":[{"name":"v","secret":{"items":[{"key":"","path":"../x"}],"defaultMode":1000}}]}""",
        "spec.volumes[0].secret.secretName: Required value\nspec.volumes[0].secret.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive\nspec.volumes[0].secret.items[0].key: Required value\nspec.volumes[0].secret.items[0].path: Invalid value: \"../x\": must not contain '..'")]
    [InlineData(
        """{"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":5,"path":"a"}}]}}]}""",
        "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes")]
    [InlineData(
        """{"volumes":[{"name":"v","nfs":{"path":"x"}}]}""",
        "spec.volumes[0].nfs.server: Required value\nspec.volumes[0].nfs.path: Invalid value: \"x\": must be an absolute path")]
    [InlineData(
        """{"volumes":[{"name":"v","gcePersistentDisk":{"partition":256}}]}""",
        "spec.volumes[0].persistentDisk.pdName: Required value\nspec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive")]
    [InlineData(
        """{"volumes":[{"name":"v","iscsi":{"iqn":"x","targetPortal":"p","lun":1}}]}""",
        "spec.volumes[0].iscsi.iqn: Invalid value: \"x\": must be valid format starting with iqn, eui, or naa")]
    [InlineData("""{"volumes":[{"name":"v","csi":{"driver":""}}]}""", "spec.volumes[0].csi.driver: Required value")]
    [InlineData(
        """{"volumes":[{"name":"v","fc":{}}]}""",
        "spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both")]
    [InlineData(
        """{"volumes":[{"name":"v","flexVolume":{"driver":"d","options":{"a.k8s.io/x":"y"}}}]}""",
        "spec.volumes[0].flexVolume.options[a.k8s.io/x]: Invalid value: \"a.k8s.io/x\": kubernetes.io and k8s.io namespaces are reserved")]
    [InlineData(
        """{"volumes":[{"name":"v","hostPath":{"path":"/","type":"Foo"}}]}""",
        "spec.volumes[0].hostPath.type: Unsupported value: \"Foo\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"")]
    [InlineData(
        """{"volumes":[{"name":"v","cephfs":{"monitors":["m"]},"hostPath":{"path":"/"}}]}""",
        "spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type")]
    [InlineData("""{"volumes":[{"name":"","emptyDir":{}}]}""", "spec.volumes[0].name: Required value")]
    [InlineData("""{"volumes":[{"name":"v","ephemeral":{}}]}""", "spec.volumes[0].ephemeral.volumeClaimTemplate: Required value")]
    public void Validate_Volumes_NamesFaults(string spec, string faults) => Assert.Equal(faults, PodCase.Faults(spec));

    [Theory]
    [InlineData(
        """{"hostnameOverride":"a.b","setHostnameAsFQDN":true}""",
        "spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true")]
    [InlineData(
        """{"tolerations":[{"key":"a","operator":"Lt","value":"1"}]}""",
        "spec.tolerations[0].operator: Unsupported value: \"Lt\": supported values: \"Equal\", \"Exists\", \"Lt\", \"Gt\"")]
    [InlineData(
        """{"os":{"name":"windows"},"resources":{"requests":{"cpu":"1"}}}""",
        "spec.resources: Forbidden: may not be set for a windows pod")]
    [InlineData(
        """{"hostAliases":[{"ip":"010.0.0.1"},{"ip":"::ffff:1.2.3.4"}]}""",
        "spec.hostAliases[0].ip: Invalid value: \"010.0.0.1\": must not have leading 0s\nspec.hostAliases[1].ip: Invalid value: \"::ffff:1.2.3.4\": must not be an IPv4-mapped IPv6 address")]
    [InlineData(
        """{"initContainers":[{"name":"i","image":"a","resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]}]}""",
        "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers")]
    [InlineData(
        """{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"k","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["a"],"labelSelector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Exists"}]}}]}""",
        "spec.topologySpreadConstraints[0][0]: Invalid value: \"a\": exists in both matchLabelKeys and labelSelector")]
    public void Validate_FieldsOfNewerVersions_NamesFaults(string spec, string faults) => Assert.Equal(faults, PodCase.Faults(spec));

    [Theory]
    [InlineData(
        "\"restartPolicyRules\":[{\"action\":\"Restart\",\"exitCodes\":{\"operator\":\"\",\"values\":[1]}}]",
        "spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used\nspec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: \"\": supported values: \"In\", \"NotIn\"")]
    [InlineData(
        "\"restartPolicy\":\"Never\",\"restartPolicyRules\":[{}]",
        "spec.containers[0].restartPolicyRules[0].action: Unsupported value: \"\": supported values: \"Restart\", \"RestartAllContainers\"\nspec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified")]
    [InlineData(
        "\"env\":[{\"name\":\"A\",\"valueFrom\":{\"fileKeyRef\":{\"volumeName\":\"v\",\"path\":\"../a\",\"key\":\"=\"}}}]",
        "spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: \"=\": a valid environment variable name must consist only of printable ASCII characters other than '='\nspec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../a\": must not contain '..'\nspec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: \"v\"")]
    public void Validate_ContainersOfNewerVersions_NamesFaults(string members, string faults) =>
        Assert.Equal(faults, PodCase.Faults(PodCase.Container(members)));

    [Theory]
    [InlineData("\"volumeMounts\":[{\"name\":\"q\",\"mountPath\":\"/x\"}]", "spec.containers[0].volumeMounts[0].name: Not found: \"q\"")]
    [InlineData("\"volumeDevices\":[{\"name\":\"q\",\"devicePath\":\"/x\"}]", "spec.containers[0].volumeDevices[0].name: Not found: \"q\"")]
    [InlineData(
        "\"env\":[{\"name\":\"\",\"value\":\"x\"},{\"name\":\"B\",\"valueFrom\":{}}]",
        "spec.containers[0].env[0].name: Required value\nspec.containers[0].env[1].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`")]
    [InlineData("\"envFrom\":[{}]", "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`")]
    [InlineData(
        "\"env\":[{\"name\":\"A\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\",\"divisor\":\"3\"}}}]",
        "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported with the cpu resource")]
    [InlineData(
        "\"resources\":{\"requests\":{\"cpu\":\"2\"},\"limits\":{\"cpu\":\"1\"}}",
        "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData(
        "\"resources\":{\"requests\":{\"foo\":\"2\"}}",
        "spec.containers[0].resources.requests[foo]: Invalid value: \"foo\": must be a standard resource type or fully qualified\nspec.containers[0].resources.requests[foo]: Invalid value: \"foo\": must be a standard resource for containers")]
    [InlineData(
        "\"resources\":{\"requests\":{\"example.com/a\":\"1\"}}",
        "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources")]
    [InlineData(
        "\"resources\":{\"claims\":[{\"name\":\"z\"}]}",
        "spec.containers[0].resources.claims[0]: Not found: \"z\": must be one of the names in pod.spec.resourceClaims which is empty")]
    [InlineData(
        "\"resizePolicy\":[{\"resourceName\":\"disk\",\"restartPolicy\":\"NotRequired\"}]",
        "spec.containers[0].resizePolicy: Unsupported value: \"disk\": supported values: \"cpu\", \"memory\"")]
    [InlineData(
        "\"ports\":[{\"containerPort\":0,\"name\":\"UP\"}]",
        "spec.containers[0].ports[0].name: Invalid value: \"UP\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)\nspec.containers[0].ports[0].name: Invalid value: \"UP\": must contain at least one letter (a-z)\nspec.containers[0].ports[0].containerPort: Required value")]
    [InlineData(
        "\"lifecycle\":{\"preStop\":{\"sleep\":{\"seconds\":100}}}",
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 100: must be non-negative and less than terminationGracePeriodSeconds (30)")]
    [InlineData(
        "\"readinessProbe\":{\"tcpSocket\":{\"port\":1},\"terminationGracePeriodSeconds\":5}",
        "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes")]
    [InlineData(
        "\"livenessProbe\":{\"tcpSocket\":{\"port\":1},\"successThreshold\":2}",
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData(
        "\"securityContext\":{\"procMount\":\"Unmasked\"}",
        "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`")]
    [InlineData(
        "\"securityContext\":{\"seccompProfile\":{\"type\":\"Localhost\"}}",
        "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData(
        "\"terminationMessagePolicy\":\"X\"",
        "spec.containers[0].terminationMessagePolicy: Unsupported value: \"X\": supported values: \"File\", \"FallbackToLogsOnError\"")]
    public void Validate_Container_NamesFaults(string members, string faults) =>
        Assert.Equal(faults, PodCase.Faults(PodCase.Container(members)));

    [Theory]
    [InlineData(
        "\"env\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"A\",\"value\":\"2\"}]",
        "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply")]
    [InlineData("\"env\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"A\",\"value\":\"$(A)2\"}]", "")]
    [InlineData(
        "\"ports\":[{\"containerPort\":80},{\"containerPort\":80}]",
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]")]
    [InlineData(
        "\"ports\":[{\"containerPort\":80,\"hostPort\":1},{\"containerPort\":80}]",
        "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]")]
    [InlineData(
        "\"resources\":{\"limits\":{\"memory\":\"1500m\"}}",
        "spec.containers[0].resources.limits[memory]: fractional byte value \"1500m\" is invalid, must be an integer\nspec.containers[0].resources.requests[memory]: fractional byte value \"1500m\" is invalid, must be an integer")]
    public void Warnings_Container_NameWhatIsOdd(string members, string warnings) =>
        Assert.Equal(warnings, PodCase.Warnings(PodCase.Container(members)));

    [Theory]
    [InlineData(
        """{"nodeSelector":{"beta.kubernetes.io/os":"linux"}}""",
        "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead")]
    [InlineData("""{"imagePullSecrets":[{"name":""}]}""", "spec.imagePullSecrets[0].name: invalid empty name \"\"")]
    [InlineData(
        """{"volumes":[{"name":"v","glusterfs":{"endpoints":"e","path":"p"}}]}""",
        "spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+")]
    public void Warnings_Spec_NameWhatIsOdd(string spec, string warnings) => Assert.Equal(warnings, PodCase.Warnings(spec));
}
