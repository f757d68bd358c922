"""Drives the cluster of $KUBECONFIG with the Python client; prints ok and exits 0 where every answer is as on Kubernetes."""
import sys
import threading
import time

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

NAMESPACE = "python"


def refused(status, reason, call):
    """Runs a call that the server must refuse with this status and reason."""
    try:
        call()
    except ApiException as e:
        assert e.status == status, (status, e.status, e.body)
        assert f'"reason":"{reason}"' in e.body.replace(" ", ""), e.body
        return
    raise AssertionError(f"a {status} was expected")


def configmap(name, colour, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data={"colour": colour})


def configmaps(core):
    created = core.create_namespaced_config_map(NAMESPACE, configmap("one", "blue"))
    assert created.metadata.uid and created.metadata.creation_timestamp.tzinfo, created
    refused(409, "AlreadyExists", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("one", "blue")))
    refused(404, "NotFound", lambda: core.read_namespaced_config_map("none", NAMESPACE))
    refused(422, "Invalid", lambda: core.create_namespaced_config_map(NAMESPACE, configmap("Not A Name", "blue")))
    read = core.read_namespaced_config_map("one", NAMESPACE)
    assert read.data == {"colour": "blue"}, read
    read.data["colour"] = "green"
    updated = core.replace_namespaced_config_map("one", NAMESPACE, read)
    assert updated.metadata.resource_version != created.metadata.resource_version
    refused(409, "Conflict", lambda: core.replace_namespaced_config_map("one", NAMESPACE, read))
    patched = core.patch_namespaced_config_map("one", NAMESPACE, {"data": {"size": "9"}})
    assert patched.data == {"colour": "green", "size": "9"}, patched
    names = [c.metadata.name for c in core.list_namespaced_config_map(NAMESPACE).items]
    assert "one" in names, names
    core.delete_namespaced_config_map("one", NAMESPACE)
    refused(404, "NotFound", lambda: core.read_namespaced_config_map("one", NAMESPACE))


def watched(core):
    """Events in their order, and only those that the selector lets through."""
    since = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    seen = []

    def look():
        for event in watch.Watch().stream(
                core.list_namespaced_config_map, NAMESPACE, label_selector="team=red", resource_version=since, timeout_seconds=30):
            seen.append((event["type"], event["object"].metadata.name, event["object"].data["colour"]))
            if len(seen) == 5:
                return

    thread = threading.Thread(target=look)
    thread.start()
    core.create_namespaced_config_map(NAMESPACE, configmap("other", "blue", {"team": "green"}))
    core.create_namespaced_config_map(NAMESPACE, configmap("a", "1", {"team": "red"}))
    core.create_namespaced_config_map(NAMESPACE, configmap("b", "1", {"team": "red"}))
    core.patch_namespaced_config_map("a", NAMESPACE, {"data": {"colour": "2"}})
    core.patch_namespaced_config_map("a", NAMESPACE, {"metadata": {"labels": {"team": "green"}}})
    core.delete_namespaced_config_map("b", NAMESPACE)
    thread.join(40)
    expected = [("ADDED", "a", "1"), ("ADDED", "b", "1"), ("MODIFIED", "a", "2"), ("DELETED", "a", "2"), ("DELETED", "b", "1")]
    assert seen == expected, seen


def deployment(core, apps):
    labels = {"app": "web"}
    container = client.V1Container(name="main", image="nginx", ports=[client.V1ContainerPort(container_port=80)])
    apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1DeploymentSpec(
            replicas=2, selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])))))
    deadline = time.monotonic() + 60
    while True:
        status = apps.read_namespaced_deployment_status("web", NAMESPACE).status
        if any(c.type == "Available" and c.status == "True" for c in status.conditions or []) and status.ready_replicas == 2:
            break
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items
    assert len(pods) == 2 and all(p.status.phase == "Running" and p.status.pod_ip for p in pods), pods
    log = core.read_namespaced_pod_log(pods[0].metadata.name, NAMESPACE)
    assert "simulated container main" in log, log
    apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 1}})
    assert apps.read_namespaced_deployment_scale("web", NAMESPACE).spec.replicas == 1


def main():
    config.load_kube_config()
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    configmaps(core)
    watched(core)
    deployment(core, apps)
    assert client.VersionApi().get_code().major == "1"
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
