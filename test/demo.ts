/** `make demo`: from nothing to a VirtualCluster with five plugins, on a real cluster. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Progress, type Timing } from '#local/progress.ts';
import { aNamespace, aSecret } from '#test/builders.ts';
import { prepareCluster, type TestCluster } from './cluster/cluster.ts';
import { registryImage } from './cluster/local-images.ts';
import { podKubeconfig } from './cluster/pod-kubeconfig.ts';
import { demoCertificates } from './demo/certificates.ts';
import { follow } from './demo/follow.ts';
import { CLUSTER, NAMESPACE, TARGET } from './demo/names.ts';
import { fixtures, packFiles } from './demo/packages.ts';
import { demoCluster, demoPlugins } from './demo/plugins.ts';
import { servers } from './demo/servers.ts';
import { fillStores, hostWriter, store } from './demo/stores.ts';

const inNamespace = ['-n', NAMESPACE];

function applier({ kubectl }: TestCluster) {
  return (...objects: object[]) =>
    kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    });
}

type Node = { metadata: { name: string }; spec: { taints?: object[] } };

/** The last node without taints: on the local cluster the second worker. */
async function chooseNode({ kubectl }: TestCluster): Promise<string> {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: Node[] };
  const names = items.filter(({ spec }) => !spec.taints?.length).map(({ metadata }) => metadata.name);
  const name = names.sort().at(-1);
  if (name === undefined) throw new Error('the cluster has no node without taints');
  return name;
}

/** What a run before this one left: the VirtualCluster, so that its Jobs run again, and a pod that has ended. */
async function clear({ kubectl }: TestCluster): Promise<void> {
  await kubectl(['delete', 'vc', CLUSTER, ...inNamespace, '--ignore-not-found', '--timeout=60s']);
  await kubectl(['delete', 'pod', 'host-writer', ...inNamespace, '--ignore-not-found', '--timeout=60s']);
}

/** Servers, volume and node directory with what the plugins are made of. */
async function makeSources(cluster: TestCluster, nodeName: string): Promise<void> {
  const { kubectl, images } = cluster;
  const apply = applier(cluster);
  const [certificates, files, manifests] = await Promise.all([
    demoCertificates(),
    packFiles(),
    readFile(join(fixtures, 'manifests', 'limits.yaml'), 'utf8'),
  ]);
  await apply(
    aSecret(NAMESPACE, TARGET, { kubeconfig: podKubeconfig(await readFile(cluster.kubeconfig, 'utf8')) }),
    ...servers({
      certificates,
      files,
      image: images.executor,
      registryImage: cluster.local ? await registryImage() : 'registry:2',
    }),
    store(images.executor),
    hostWriter(images.executor, nodeName, manifests),
  );
  const ready = ['deployment/files', 'deployment/registry', 'statefulset/charts'].map((name) =>
    kubectl(['rollout', 'status', name, ...inNamespace, '--timeout=120s']),
  );
  const written = ['wait', 'pod/host-writer', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s'];
  await Promise.all([...ready, kubectl([...written, ...inNamespace])]);
  await fillStores(kubectl, certificates.ca);
}

async function show(cluster: TestCluster): Promise<void> {
  const { kubectl } = cluster;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const run = async (...args: string[]) =>
    say(`\n$ kubectl ${args.join(' ')}\n${(await kubectl(args)).trimEnd()}`);
  await run('get', 'vc,vp', ...inNamespace);
  const columns = 'PLUGIN:.name,PHASE:.phase,VERIFIED:.verified,RELEASE:.release,REVISION:.revision,JOB:.job';
  say('\nPlugins of the VirtualCluster (.status.plugins):');
  const { status } = JSON.parse(await kubectl(['get', 'vc', CLUSTER, ...inNamespace, '-o', 'json']));
  say(
    table(
      columns.split(',').map((column) => column.split(':.') as [string, string]),
      status.plugins,
    ),
  );
  const job = status.plugins.find(({ name }: { name: string }) => name === 'web')?.job?.split('/')[1];
  if (job) await run('logs', `job/${job}`, ...inNamespace);
}

function table(columns: [string, string][], rows: Record<string, unknown>[]): string {
  const cells = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, key]) => String(row[key] ?? '-'))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => (line[i] ?? '').length)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const nextSteps = ({ local }: TestCluster) => `
What to try next${local ? '\n  export KUBECONFIG=$PWD/.local/kubeconfig PATH=$PWD/.local/bin:$PATH' : ''}
  kubectl describe vc ${CLUSTER} -n ${NAMESPACE}            # conditions, and events of every step
  kubectl explain vp.spec.pluginSources.chart        # every field is described
  helm list -A                                       # the charts, as Helm sees them
  kubectl edit vp dashboard -n ${NAMESPACE}          # change values: and watch it being installed again
  kubectl get vc -n ${NAMESPACE} -w
  make test                                          # everything that must hold
  make down                                          # the cluster goes, nothing is left
`;

const times = (timings: Timing[]) =>
  `\nTimes (some parts ran at once)\n${timings.map(({ step, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${step}`).join('\n')}`;

const started = Date.now();
const progress = new Progress();
try {
  const cluster = await prepareCluster(progress);
  await progress.step('cleared what an earlier run left', async () => {
    await applier(cluster)(aNamespace(NAMESPACE));
    await clear(cluster);
  });
  const nodeName = await chooseNode(cluster);
  await progress.step('volume, file on a node, HTTPS server, OCI registry', () =>
    makeSources(cluster, nodeName),
  );
  await progress.step('five plugins registered', () => applier(cluster)(...demoPlugins(nodeName)));
  await progress.step('VirtualCluster applied until Completed', async () => {
    await applier(cluster)(demoCluster(cluster.images.executor));
    await follow(cluster.kubectl, progress);
  });
  progress.close();
  await show(cluster);
  process.stdout.write(times(progress.timings));
  process.stdout.write(`\n${((Date.now() - started) / 1000).toFixed(1).padStart(8)} s  in all\n`);
  process.stdout.write(nextSteps(cluster));
} catch (error) {
  progress.close();
  process.stderr.write(`\nmake demo: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
