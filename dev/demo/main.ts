/** `make demo`: from nothing to three VirtualClusters with their plugins, on a real cluster. */
import { relative } from 'node:path';
import { clone } from '#local/layout.ts';
import { Progress, type Timing } from '#local/progress.ts';
import { prepareCluster, type TestCluster } from '../cluster/cluster.ts';
import { bringUpTenants, removeUnfinished, type Shown, showTenants } from './bring-up.ts';
import { equip, showEquipped } from './equip.ts';
import { NAMESPACE } from './names.ts';

function nextSteps({ local }: TestCluster, [first]: readonly Shown[]): string {
  const { name = '', namespace = '', kubeconfig = '' } = first ?? {};
  const steps: (readonly [command: string, why: string])[] = [
    [
      `kubectl get secret ${name}-kubeconfig -n ${namespace} -o jsonpath='{.data.kubeconfig}' | base64 -d`,
      '',
    ],
    [
      `kubectl --kubeconfig ${relative(clone, kubeconfig)} get pods -A`,
      "the tenant's own API, by the same kubeconfig",
    ],
    [`kubectl describe vc ${name} -n ${namespace}`, 'conditions, nodes, and an event for every step'],
    [`kubectl delete vc ${name} -n ${namespace}`, 'delete it, and return its nodes to the host'],
    ['kubectl explain vp.spec.pluginSources.chart', 'every field is described'],
    ['helm list -A', 'the charts, as Helm sees them'],
    [`kubectl edit vp dashboard -n ${NAMESPACE}`, 'change its values, and watch it being installed again'],
    ['make test', 'run all tests'],
  ];
  if (local) {
    steps.unshift(['export KUBECONFIG=$PWD/.local/kubeconfig PATH=$PWD/.local/bin:$PATH', '']);
    steps.push(['make down', 'stop the cluster and leave nothing behind']);
  }
  const lines = steps.map(([command, why]) => `  ${why ? `${command.padEnd(68)} # ${why}` : command}`);
  return `\nWhat to try next\n${lines.join('\n')}\n`;
}

const times = (timings: Timing[]) =>
  `\nTimes (some parts ran in parallel)\n${timings.map(({ step, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${step}`).join('\n')}`;

const started = Date.now();
const progress = new Progress();
try {
  const cluster = await prepareCluster(progress);
  const removed = progress.step('unfinished tenants removed', () => removeUnfinished(cluster));
  await Promise.all([removed, equip(cluster, progress)]);
  const tenants = await bringUpTenants(cluster, progress);
  progress.close();
  await showEquipped(cluster);
  await showTenants(cluster, tenants);
  process.stdout.write(times(progress.timings));
  process.stdout.write(`\n${((Date.now() - started) / 1000).toFixed(1).padStart(8)} s  total\n`);
  process.stdout.write(nextSteps(cluster, tenants));
} catch (error) {
  progress.close();
  process.stderr.write(`\nmake demo: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
