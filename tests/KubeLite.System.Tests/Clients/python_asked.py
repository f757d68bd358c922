"""Asks with the Python client what is only asked: reviews, a token, a binding, an eviction; prints ok and exits 0 where every
answer is as on Kubernetes."""
import sys
import time

from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException

NAMESPACE = "python-asked"
AUTHORIZATION = "authorization.k8s.io/v1"
AUTHENTICATION = "authentication.k8s.io/v1"


def reviews(cluster, core):
    def ask(version, kind, spec=None, namespace=None):
        body = {"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace} if namespace else {}}
        if spec is not None:
            body["spec"] = spec
        return cluster.resources.get(api_version=version, kind=kind).create(body=body, namespace=namespace).status

    pods = {"namespace": NAMESPACE, "verb": "get", "resource": "pods"}
    assert ask(AUTHORIZATION, "SelfSubjectAccessReview", {"resourceAttributes": pods}).allowed is True
    assert ask(AUTHORIZATION, "SubjectAccessReview", {"user": "nobody", "resourceAttributes": pods}).allowed is False
    assert ask(AUTHORIZATION, "LocalSubjectAccessReview", {"user": "nobody", "resourceAttributes": pods}, NAMESPACE).allowed is False
    assert ask(AUTHORIZATION, "SelfSubjectRulesReview", {"namespace": NAMESPACE}).resourceRules
    assert ask(AUTHENTICATION, "SelfSubjectReview").userInfo.username
    core.create_namespaced_service_account(NAMESPACE, {"metadata": {"name": "asked"}})
    # A subresource of its own, which the dynamic client doesn't know by kind.
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/asked/token"
    request = {"apiVersion": AUTHENTICATION, "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token = cluster.request("post", path, body=request).status.token
    good = ask(AUTHENTICATION, "TokenReview", {"token": token})
    assert good.authenticated is True and good.user.username == f"system:serviceaccount:{NAMESPACE}:asked", good
    assert not ask(AUTHENTICATION, "TokenReview", {"token": "nobody's"}).authenticated


def gone(core, name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            core.read_namespaced_pod(name, NAMESPACE)
        except ApiException as e:
            assert e.status == 404, e.body
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} never went")


def pods(core):
    spec = {"schedulerName": "nobody", "terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "i"}]}
    core.create_namespaced_pod(NAMESPACE, {"metadata": {"name": "bound"}, "spec": spec})
    binding = {"metadata": {"name": "bound"}, "target": {"kind": "Node", "name": "node-0"}}
    # The answer is a Status, which this client would take for a Binding without its target.
    core.create_namespaced_binding(NAMESPACE, binding, _preload_content=False)
    assert core.read_namespaced_pod("bound", NAMESPACE).spec.node_name == "node-0"
    core.create_namespaced_pod_eviction("bound", NAMESPACE, {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "bound"}})
    gone(core, "bound")


def main():
    api = config.new_client_from_config()
    core = client.CoreV1Api(api)
    core.create_namespace({"metadata": {"name": NAMESPACE}})
    reviews(dynamic.DynamicClient(api), core)
    pods(core)
    names = [c.metadata.name for c in core.list_component_status().items]
    assert "etcd-0" in names, names
    core.delete_namespace(NAMESPACE)
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
