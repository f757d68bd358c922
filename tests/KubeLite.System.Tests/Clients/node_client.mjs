// Drives the cluster of $KUBECONFIG with the JavaScript client; prints ok and exits 0 where every answer is as on Kubernetes.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';

const namespace = 'node';
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const json = [{ op: 'replace', path: '/data/colour', value: '2' }];

/** Runs a call that the server must refuse with this status and reason. */
async function refused(code, reason, call) {
  await assert.rejects(call, (e) => {
    assert.ok(e instanceof k8s.ApiException, String(e));
    assert.equal(e.code, code);
    const status = typeof e.body === 'string' ? JSON.parse(e.body) : e.body;
    assert.equal(status.reason, reason);
    return true;
  });
}

const configMap = (name, colour, labels) => ({ namespace, body: { metadata: { name, labels }, data: { colour } } });

async function configMaps() {
  const created = await core.createNamespacedConfigMap(configMap('one', 'blue'));
  assert.ok(created.metadata.uid);
  assert.ok(created.metadata.creationTimestamp instanceof Date);
  await refused(409, 'AlreadyExists', () => core.createNamespacedConfigMap(configMap('one', 'blue')));
  await refused(404, 'NotFound', () => core.readNamespacedConfigMap({ name: 'none', namespace }));
  await refused(422, 'Invalid', () => core.createNamespacedConfigMap(configMap('Not A Name', 'blue')));
  const body = await core.readNamespacedConfigMap({ name: 'one', namespace });
  assert.deepEqual(body.data, { colour: 'blue' });
  body.data.colour = 'green';
  const updated = await core.replaceNamespacedConfigMap({ name: 'one', namespace, body });
  assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
  await refused(409, 'Conflict', () => core.replaceNamespacedConfigMap({ name: 'one', namespace, body }));
  const patched = await core.patchNamespacedConfigMap({ name: 'one', namespace, body: json });
  assert.deepEqual(patched.data, { colour: '2' });
  const names = (await core.listNamespacedConfigMap({ namespace })).items.map((c) => c.metadata.name);
  assert.ok(names.includes('one'), names.join());
  await core.deleteNamespacedConfigMap({ name: 'one', namespace });
  await refused(404, 'NotFound', () => core.readNamespacedConfigMap({ name: 'one', namespace }));
}

/** Events in their order, and only those that the selector lets through. */
async function watched() {
  const resourceVersion = (await core.listNamespacedConfigMap({ namespace })).metadata.resourceVersion;
  const seen = [];
  let enough;
  const all = new Promise((resolve) => { enough = resolve; });
  const controller = await new k8s.Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`, { labelSelector: 'team=red', resourceVersion },
    (type, object) => {
      seen.push([type, object.metadata.name, object.data.colour]);
      if (seen.length === 4) enough();
    },
    (error) => { if (error && error.name !== 'AbortError') console.error(error); });
  await core.createNamespacedConfigMap(configMap('other', 'blue', { team: 'green' }));
  await core.createNamespacedConfigMap(configMap('a', '1', { team: 'red' }));
  await core.createNamespacedConfigMap(configMap('b', '1', { team: 'red' }));
  await core.patchNamespacedConfigMap({ name: 'a', namespace, body: json });
  await core.deleteNamespacedConfigMap({ name: 'b', namespace });
  await Promise.race([all, pause(30000)]);
  controller.abort();
  assert.deepEqual(seen, [['ADDED', 'a', '1'], ['ADDED', 'b', '1'], ['MODIFIED', 'a', '2'], ['DELETED', 'b', '1']]);
}

/** What controllers and operators are built on: a list, then a watch, kept as a cache. */
async function informed() {
  const informer = k8s.makeInformer(
    config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({ namespace, labelSelector: 'informed' }), 'informed');
  const added = new Promise((resolve, reject) => {
    informer.on('add', (object) => resolve(object.metadata.name));
    informer.on('error', reject);
  });
  await informer.start();
  await core.createNamespacedConfigMap(configMap('for-the-informer', 'blue', { informed: 'yes' }));
  assert.equal(await Promise.race([added, pause(30000, 'nothing')]), 'for-the-informer');
  await informer.stop();
}

async function deployment() {
  const labels = { app: 'web' };
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] } },
      },
    },
  });
  const deadline = Date.now() + 60000;
  for (;;) {
    const { status } = await apps.readNamespacedDeploymentStatus({ name: 'web', namespace });
    if (status.readyReplicas === 2 && status.conditions?.some((c) => c.type === 'Available' && c.status === 'True')) break;
    assert.ok(Date.now() < deadline, JSON.stringify(status));
    await pause(100);
  }
  const pods = (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items;
  assert.deepEqual(pods.map((p) => p.status.phase), ['Running', 'Running']);
  const log = await core.readNamespacedPodLog({ name: pods[0].metadata.name, namespace });
  assert.match(log, /simulated container main/);
}

await core.createNamespace({ body: { metadata: { name: namespace } } });
await configMaps();
await watched();
await informed();
await deployment();
console.log('ok');
process.exit(0);
