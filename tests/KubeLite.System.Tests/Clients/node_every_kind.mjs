// Creates, reads, lists, patches, replaces and deletes every object of a manifest with the JavaScript client, in a namespace of
// its own; prints ok and exits 0 where all went as on Kubernetes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';

const namespace = 'node-every';
const config = new k8s.KubeConfig();
config.loadFromDefault();
const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const core = config.makeApiClient(k8s.CoreV1Api);

/** Reads, changes and replaces; again where a controller was faster. */
async function replaced(spec) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const object = await objects.read(spec);
    object.metadata.annotations = { ...object.metadata.annotations, replaced: 'yes' };
    try {
      return await objects.replace(object);
    } catch (e) {
      if (e.code !== 409) throw e;
    }
  }
  throw new Error('it never stayed as it was');
}

async function gone(spec) {
  for (let attempt = 0; attempt < 1200; attempt++) {
    try {
      await objects.read(spec);
    } catch (e) {
      assert.equal(e.code, 404);
      return;
    }
    await pause(50);
  }
  throw new Error('it never went');
}

async function tried(body) {
  const { namespaced } = await objects.resource(body.apiVersion, body.kind);
  const metadata = namespaced ? { ...body.metadata, namespace } : body.metadata;
  const spec = { apiVersion: body.apiVersion, kind: body.kind, metadata };
  const created = await objects.create({ ...body, metadata });
  assert.ok(created.metadata.uid);
  assert.equal((await objects.read(spec)).metadata.uid, created.metadata.uid);
  const listed = await objects.list(body.apiVersion, body.kind, namespaced ? namespace : undefined);
  assert.ok(listed.items.some((i) => i.metadata.name === metadata.name));
  const patch = { ...spec, metadata: { ...metadata, labels: { tried: 'yes' } } };
  const patched = await objects.patch(patch, undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch);
  assert.equal(patched.metadata.labels.tried, 'yes');
  assert.equal((await replaced(spec)).metadata.annotations.replaced, 'yes');
  await objects.delete(spec);
  await gone(spec);
}

await core.createNamespace({ body: { metadata: { name: namespace } } });
for (const line of readFileSync(process.argv[2], 'utf8').split('\n').filter((l) => l.startsWith('{'))) {
  const body = JSON.parse(line.replaceAll('"every"', `"${namespace}"`));
  try {
    await tried(body);
  } catch (e) {
    throw new Error(`${body.apiVersion} ${body.kind}: ${e.message} ${JSON.stringify(e.body ?? '')}`, { cause: e });
  }
}
await core.deleteNamespace({ name: namespace });
console.log('ok');
