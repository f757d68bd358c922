"""Creates, reads, lists, patches, replaces, watches and deletes every object of a manifest with the dynamic Python client, in a
namespace of its own; prints ok and exits 0 where all went as on Kubernetes."""
import json
import sys
import time

from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException

NAMESPACE = "python-every"


def settled(resource, name, namespace, change):
    """Reads, changes and replaces; again where a controller was faster."""
    for _ in range(20):
        obj = resource.get(name=name, namespace=namespace).to_dict()
        change(obj)
        try:
            return resource.replace(body=obj, name=name, namespace=namespace)
        except ApiException as e:
            if e.status != 409:
                raise
    raise AssertionError(f"{name} never stayed as it was")


def annotated(obj):
    obj["metadata"].setdefault("annotations", {})["replaced"] = "yes"


def label(resource, name, namespace):
    patch = {"metadata": {"labels": {"tried": "yes"}}}
    try:
        patched = resource.patch(body=patch, name=name, namespace=namespace, content_type="application/merge-patch+json")
    except ApiException as e:
        # This client sends spaces between tokens; of a revision's data Kubernetes keeps them, and a patch writes it without.
        assert resource.kind == "ControllerRevision" and e.status == 422 and "field is immutable" in str(e.body), e.body
        return
    assert patched.metadata.labels["tried"] == "yes" and resource.kind != "ControllerRevision", patched


def gone(resource, name, namespace):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            resource.get(name=name, namespace=namespace)
        except ApiException as e:
            assert e.status == 404, e.body
            return
        time.sleep(0.05)
    raise AssertionError(f"{resource.kind} {name} never went")


def tried(cluster, body):
    resource = cluster.resources.get(api_version=body["apiVersion"], kind=body["kind"])
    namespace = NAMESPACE if resource.namespaced else None
    name = body["metadata"]["name"]
    since = resource.get(namespace=namespace).metadata.resourceVersion
    created = resource.create(body=body, namespace=namespace)
    assert created.metadata.uid and created.kind == body["kind"], created
    assert resource.get(name=name, namespace=namespace).metadata.uid == created.metadata.uid
    assert any(i.metadata.name == name for i in resource.get(namespace=namespace).items)
    label(resource, name, namespace)
    replaced = settled(resource, name, namespace, annotated)
    assert replaced.metadata.annotations["replaced"] == "yes", replaced
    resource.delete(name=name, namespace=namespace)
    gone(resource, name, namespace)
    seen = []
    for event in resource.watch(namespace=namespace, resource_version=since, timeout=30):
        if event["object"].metadata.name == name:
            seen.append(event["type"])
            if event["type"] == "DELETED":
                break
    assert seen[0] == "ADDED" and seen[-1] == "DELETED" and "MODIFIED" in seen, (body["kind"], seen)


def main():
    cluster = dynamic.DynamicClient(config.new_client_from_config())
    client.CoreV1Api(config.new_client_from_config()).create_namespace({"metadata": {"name": NAMESPACE}})
    with open(sys.argv[1], encoding="utf-8") as manifest:
        bodies = [json.loads(line.replace('"every"', f'"{NAMESPACE}"')) for line in manifest if line.startswith("{")]
    for body in bodies:
        try:
            tried(cluster, body)
        except Exception as e:
            raise AssertionError(f"{body['apiVersion']} {body['kind']}: {e}") from e
    client.CoreV1Api(config.new_client_from_config()).delete_namespace(NAMESPACE)
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
