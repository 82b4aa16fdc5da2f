/** `make demo`: from nothing to three VirtualClusters with their plugins, on a real cluster. */
import { relative } from 'node:path';
import { clone } from '#local/layout.ts';
import { Progress, type Timing } from '#local/progress.ts';
import { prepareCluster, type TestCluster } from './cluster/cluster.ts';
import { equip, showEquipped } from './demo/equip.ts';
import { CLUSTER, NAMESPACE } from './demo/names.ts';
import { bringUpTenants, removeTenants, type Shown, showTenants } from './demo/tenants.ts';

function nextSteps({ local }: TestCluster, [first]: readonly Shown[]): string {
  const tenant = first && [
    `  kubectl get secret ${first.name}-kubeconfig -n ${first.namespace} -o jsonpath='{.data.kubeconfig}' | base64 -d > ${first.name}.yaml`,
    `  kubectl --kubeconfig ${first.name}.yaml get pods -A      # a cluster of its own; also in ${relative(clone, first.kubeconfig)}`,
    `  kubectl delete vc ${first.name} -n ${first.namespace}               # it goes, and its node comes back to the host`,
  ];
  const lines = [
    ...(local ? ['  export KUBECONFIG=$PWD/.local/kubeconfig PATH=$PWD/.local/bin:$PATH'] : []),
    ...(tenant ?? []),
    `  kubectl describe vc ${CLUSTER} -n ${NAMESPACE}            # conditions, and events of every step`,
    '  kubectl explain vp.spec.pluginSources.chart        # every field is described',
    '  helm list -A                                       # the charts, as Helm sees them',
    `  kubectl edit vp dashboard -n ${NAMESPACE}          # change values: and watch it being installed again`,
    '  make test                                          # everything that must hold',
    ...(local
      ? ['  make down                                          # the cluster goes, nothing is left']
      : []),
  ];
  return `\nWhat to try next\n${lines.join('\n')}\n`;
}

const times = (timings: Timing[]) =>
  `\nTimes (some parts ran at once)\n${timings.map(({ step, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${step}`).join('\n')}`;

const started = Date.now();
const progress = new Progress();
try {
  const cluster = await prepareCluster(progress);
  const removed = progress.step('no tenants of an earlier run', () => removeTenants(cluster));
  await Promise.all([removed, equip(cluster, progress)]);
  const tenants = await bringUpTenants(cluster, progress);
  progress.close();
  await showEquipped(cluster);
  await showTenants(cluster, tenants);
  process.stdout.write(times(progress.timings));
  process.stdout.write(`\n${((Date.now() - started) / 1000).toFixed(1).padStart(8)} s  in all\n`);
  process.stdout.write(nextSteps(cluster, tenants));
} catch (error) {
  progress.close();
  process.stderr.write(`\nmake demo: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
