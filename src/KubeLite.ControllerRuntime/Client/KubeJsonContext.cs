using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// What the servers send and receive, with all that it consists of: made readable and writable by the compiler, so that a program
/// needs neither reflection nor the thousand models of Kubernetes that nobody here uses.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ResourceList<Corev1Event>))]
[JsonSerializable(typeof(ResourceList<PartialObjectMetadata>))]
[JsonSerializable(typeof(ResourceList<V1APIService>))]
[JsonSerializable(typeof(ResourceList<V1Binding>))]
[JsonSerializable(typeof(ResourceList<V1CertificateSigningRequest>))]
[JsonSerializable(typeof(ResourceList<V1ClusterRole>))]
[JsonSerializable(typeof(ResourceList<V1ClusterRoleBinding>))]
[JsonSerializable(typeof(ResourceList<V1ConfigMap>))]
[JsonSerializable(typeof(ResourceList<V1ControllerRevision>))]
[JsonSerializable(typeof(ResourceList<V1CronJob>))]
[JsonSerializable(typeof(ResourceList<V1CSIDriver>))]
[JsonSerializable(typeof(ResourceList<V1CSINode>))]
[JsonSerializable(typeof(ResourceList<V1CSIStorageCapacity>))]
[JsonSerializable(typeof(ResourceList<V1CustomResourceDefinition>))]
[JsonSerializable(typeof(ResourceList<V1DaemonSet>))]
[JsonSerializable(typeof(ResourceList<V1Deployment>))]
[JsonSerializable(typeof(ResourceList<V1Endpoints>))]
[JsonSerializable(typeof(ResourceList<V1EndpointSlice>))]
[JsonSerializable(typeof(ResourceList<V1Eviction>))]
[JsonSerializable(typeof(ResourceList<V1Job>))]
[JsonSerializable(typeof(ResourceList<V1Lease>))]
[JsonSerializable(typeof(ResourceList<V1Namespace>))]
[JsonSerializable(typeof(ResourceList<V1Node>))]
[JsonSerializable(typeof(ResourceList<V1PersistentVolume>))]
[JsonSerializable(typeof(ResourceList<V1PersistentVolumeClaim>))]
[JsonSerializable(typeof(ResourceList<V1Pod>))]
[JsonSerializable(typeof(ResourceList<V1PodDisruptionBudget>))]
[JsonSerializable(typeof(ResourceList<V1ReplicaSet>))]
[JsonSerializable(typeof(ResourceList<V1ReplicationController>))]
[JsonSerializable(typeof(ResourceList<V1ResourceQuota>))]
[JsonSerializable(typeof(ResourceList<V1Secret>))]
[JsonSerializable(typeof(ResourceList<V1Service>))]
[JsonSerializable(typeof(ResourceList<V1ServiceAccount>))]
[JsonSerializable(typeof(ResourceList<V1StatefulSet>))]
[JsonSerializable(typeof(ResourceList<V1StorageClass>))]
[JsonSerializable(typeof(ResourceList<V1SubjectAccessReview>))]
[JsonSerializable(typeof(ResourceList<V1VolumeAttributesClass>))]
[JsonSerializable(typeof(List<V1Taint>))]
[JsonSerializable(typeof(V1DeleteOptions))]
[JsonSerializable(typeof(V1ListMeta))]
[JsonSerializable(typeof(V1PodList))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V2APIGroupDiscoveryList))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonValue))]
internal sealed partial class KubeJsonContext : JsonSerializerContext;
