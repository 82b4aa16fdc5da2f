import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyAddons, awaitAddons } from './addons.ts';
import { buildBaseImages, pushBaseImages } from './base-images.ts';
import { buildPrograms, hashOf, programsHash } from './builds.ts';
import { checkCluster } from './check.ts';
import { leftoversExist, removeCluster } from './down.ts';
import { raiseKernelLimits } from './kernel.ts';
import { nodesReady, tryKubectl } from './kubectl.ts';
import { clone, layout } from './layout.ts';
import { initOf, startMachine } from './machine.ts';
import { writeMachineFiles } from './machine-files.ts';
import { type MachineName, machineNames, spareMachine } from './names.ts';
import { makeSwitch } from './network.ts';
import { issue, kubeconfigFor, newAuthority } from './pki.ts';
import type { Progress } from './progress.ts';
import { planRecovery } from './recovery.ts';
import { makeBaseRoot, makeMachineRoot, prepareHost } from './roots.ts';
import { waitFor } from './run.ts';
import { type Cluster, settleCluster } from './state.ts';

const ownFiles = async (pattern: RegExp): Promise<string[]> =>
  (await readdir(join(clone, 'local'), { recursive: true }))
    .filter((file) => pattern.test(file))
    .map((file) => join(clone, 'local', file));

/** Hash of what machines are booted from. */
const bootInputs = async (cluster: Cluster): Promise<string> =>
  hashOf(
    await ownFiles(/^(boot-machine\.sh|(layout|names|units|settings|machine|machine-files|network)\.ts)$/),
    cluster.registry,
    await programsHash(),
  );

/** Hash of what a finished cluster was made of. */
const inputs = async (cluster: Cluster): Promise<string> =>
  hashOf(await ownFiles(/(\.yaml|\.Dockerfile|^(addons|base-images|check)\.ts)$/), await bootInputs(cluster));

const remembered = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** The machines that stay nodes of this cluster: the spare one may be promoted into a tenant. */
const staying = machineNames.filter((name) => name !== spareMachine);

async function observe(cluster: Cluster) {
  const running: MachineName[] = [];
  for (const machine of machineNames)
    if ((await initOf(cluster, machine)) !== undefined) running.push(machine);
  const booted = await remembered(layout.booted);
  return {
    running,
    leftovers: await leftoversExist(cluster),
    healthy: running.length === machineNames.length && (await nodesReady(staying)),
    outdated: booted !== '' && booted !== (await bootInputs(cluster)),
    finished: (await remembered(layout.finished)) === (await inputs(cluster)),
  };
}

/** Keys, disks and network of all machines, then their power switches. */
async function boot(cluster: Cluster): Promise<void> {
  const authority = await newAuthority('pinion-local');
  await mkdir(layout.registryData, { recursive: true });
  await makeSwitch(cluster);
  const admin = await issue(authority, { name: 'local-admin', groups: ['system:masters'] });
  await writeFile(layout.booted, await bootInputs(cluster));
  for (const machine of machineNames) {
    await writeMachineFiles(cluster, authority, machine);
    await startMachine(cluster, machine);
  }
  await writeFile(layout.kubeconfig, kubeconfigFor(cluster.apiServer, authority, admin), { mode: 0o600 });
}

const registryAnswers = (cluster: Cluster) => async () =>
  (
    await fetch(`http://${cluster.registry}/v2/`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    )
  )?.ok ?? false;

const apiServerReady = async () => (await tryKubectl('get', '--raw', '/readyz')).ok;

async function bringUp(cluster: Cluster, progress: Progress, fresh: boolean): Promise<void> {
  const programs = progress.step('Go programs (Kubernetes, tools, networks, volumes)', buildPrograms);
  const machineRoot = progress.step('root of the machines', makeMachineRoot);
  const baseRoot = progress.step('root of the images', makeBaseRoot);
  await Promise.all([programs, machineRoot, baseRoot]);
  if (fresh) await progress.step('keys, network, boot of four machines', () => boot(cluster));
  const images = (async () => {
    const tags = await progress.step('base images', buildBaseImages);
    await waitFor('the registry to answer', registryAnswers(cluster), 90);
    await progress.step('images into the registry', () => pushBaseImages(cluster.registry, tags));
    return tags;
  })();
  const ready = (async () => {
    await progress.step('API server', () => waitFor('the API server to be ready', apiServerReady, 120));
    await progress.step('nodes Ready', () =>
      waitFor('all nodes to be Ready', () => nodesReady(fresh ? machineNames : staying), 120),
    );
  })();
  const [tags] = await Promise.all([images, ready]);
  await progress.step('DNS and volumes', async () => {
    await applyAddons(cluster, tags);
    await awaitAddons();
  });
  await progress.step('check: pod to pod across machines, webhook round trip', () => checkCluster(cluster));
  await writeFile(layout.finished, await inputs(cluster));
}

/** Starts the cluster, whatever state it is in. */
export async function up(progress: Progress): Promise<void> {
  await prepareHost();
  await raiseKernelLimits();
  const cluster = await settleCluster();
  const observed = await observe(cluster);
  const plan = planRecovery(observed, machineNames);
  switch (plan) {
    case 'keep':
      progress.note('the cluster is up already');
      break;
    case 'finish':
      await bringUp(cluster, progress, false);
      break;
    case 'clean-and-boot':
      await progress.step('leftovers of an earlier run removed', () => removeCluster(cluster));
      await bringUp(cluster, progress, true);
      break;
    case 'boot':
      await removeCluster(cluster); // disks of an earlier run, if any
      await bringUp(cluster, progress, true);
      break;
  }
  progress.note(
    `kubeconfig .local/kubeconfig · kubectl, helm, kustomize in .local/bin · registry ${cluster.registry}`,
  );
}
