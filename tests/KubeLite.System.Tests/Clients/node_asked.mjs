// Asks with the JavaScript client what is only asked: reviews, a token, a binding, an eviction; prints ok and exits 0 where every
// answer is as on Kubernetes.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';

const namespace = 'node-asked';
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const authorization = config.makeApiClient(k8s.AuthorizationV1Api);
const authentication = config.makeApiClient(k8s.AuthenticationV1Api);

async function reviews() {
  const resourceAttributes = { namespace, verb: 'get', resource: 'pods' };
  const user = 'nobody';
  assert.equal((await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })).status.allowed, true);
  assert.equal((await authorization.createSubjectAccessReview({ body: { spec: { user, resourceAttributes } } })).status.allowed, false);
  const local = { namespace, body: { metadata: { namespace }, spec: { user, resourceAttributes } } };
  assert.equal((await authorization.createNamespacedLocalSubjectAccessReview(local)).status.allowed, false);
  assert.ok((await authorization.createSelfSubjectRulesReview({ body: { spec: { namespace } } })).status.resourceRules.length > 0);
  assert.ok((await authentication.createSelfSubjectReview({ body: {} })).status.userInfo.username);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'asked' } } });
  const request = { name: 'asked', namespace, body: { spec: { audiences: [], expirationSeconds: 600 } } };
  const { token } = (await core.createNamespacedServiceAccountToken(request)).status;
  const good = (await authentication.createTokenReview({ body: { spec: { token } } })).status;
  assert.equal(good.authenticated, true);
  assert.equal(good.user.username, `system:serviceaccount:${namespace}:asked`);
  assert.ok(!(await authentication.createTokenReview({ body: { spec: { token: "nobody's" } } })).status.authenticated);
}

async function gone(name) {
  for (let attempt = 0; attempt < 1200; attempt++) {
    try {
      await core.readNamespacedPod({ name, namespace });
    } catch (e) {
      assert.equal(e.code, 404);
      return;
    }
    await pause(50);
  }
  throw new Error('it never went');
}

async function pods() {
  const name = 'bound';
  const spec = { schedulerName: 'nobody', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }] };
  await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
  await core.createNamespacedBinding({ namespace, body: { metadata: { name }, target: { kind: 'Node', name: 'node-0' } } });
  assert.equal((await core.readNamespacedPod({ name, namespace })).spec.nodeName, 'node-0');
  await core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name } } });
  await gone(name);
}

await core.createNamespace({ body: { metadata: { name: namespace } } });
await reviews();
await pods();
const names = (await core.listComponentStatus()).items.map((c) => c.metadata.name);
assert.ok(names.includes('etcd-0'), names.join());
await core.deleteNamespace({ name: namespace });
console.log('ok');
