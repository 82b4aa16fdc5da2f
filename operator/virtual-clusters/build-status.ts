import type { VirtualCluster } from '#api/kinds/objects.ts';
import { type Condition, STORAGE_PRESSURE, type VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { setCondition } from '#kube/conditions.ts';
import type { Findings } from './findings.ts';

const MESSAGE_LIMIT = 4096;
const NO_PRESSURE = { reason: 'EtcdHasRoom', message: 'etcd has room' };

/** The whole status from an assessment; times change only when what they are about does. */
export function buildStatus(
  { metadata, status: before }: VirtualCluster,
  now: number,
  found: Findings,
): VirtualClusterStatus {
  const { assessment, plugins, nodes, controlPlane, equippedAt } = found;
  const { phase, reason } = assessment;
  // A message may quote what a user wrote, at any length; one that is too long would keep all of the status away.
  const message = assessment.message.slice(0, MESSAGE_LIMIT);
  const time = new Date(now).toISOString();
  const observedGeneration = metadata.generation ?? 0;
  const ofType = (type: string) => before?.conditions?.filter((one) => one.type === type);
  const condition = (type: string, holds: boolean, said = { reason, message }): Condition[] => {
    const status = holds ? 'True' : 'False';
    return setCondition<Condition>(ofType(type), { type, status, ...said, observedGeneration }, now);
  };
  const pressureCondition = (pressure: Findings['pressure']): Condition[] => {
    if (pressure === undefined) return ofType(STORAGE_PRESSURE) ?? [];
    const { reason, message } = pressure ?? NO_PRESSURE;
    return condition(STORAGE_PRESSURE, pressure !== null, { reason, message });
  };
  const installed = plugins.filter((plugin) => plugin.phase === 'Installed').length;
  const readyNodes = nodes?.filter(({ phase }) => phase === 'Ready').length;
  const { nodes: _, nodesReady: __, ...kept } = before ?? {};
  return {
    ...kept,
    ...controlPlane,
    ...(equippedAt !== undefined && { equippedAt }),
    phase,
    reason,
    updateTime: before?.phase === phase ? (before.updateTime ?? time) : time,
    observedGeneration,
    conditions: [
      ...condition('Ready', assessment.ready),
      ...condition('Reconciling', assessment.reconciling),
      ...condition('Stalled', assessment.stalled),
      ...pressureCondition(found.pressure),
    ],
    pluginsReady: `${installed}/${plugins.length}`,
    plugins,
    ...(nodes && { nodes, nodesReady: `${readyNodes}/${nodes.length}` }),
  };
}
