import { z } from 'zod';
import { values } from '../payloads/values.ts';
import { localName } from '../sources/source.ts';
import { conditions, VERIFIED } from './virtualcluster.ts';

/** What is wanted of a plugin in a cluster. */
export const INSTALLATION_STATES = ['Present', 'Absent'] as const;

export const pluginInstallationSpec = z.object({
  clusterRef: z
    .object({ name: localName.describe('Name of the VirtualCluster.') })
    .describe('The VirtualCluster, in the namespace of this object.'),
  pluginRef: z
    .object({
      namespace: z.string().min(1).max(63).describe('Namespace of the VirtualClusterPlugin.'),
      name: localName.describe('Name of the VirtualClusterPlugin.'),
    })
    .describe('The VirtualClusterPlugin that is installed.'),
  state: z
    .enum(INSTALLATION_STATES)
    .optional()
    .meta({ default: 'Present' })
    .describe('Whether the plugin is wanted in the cluster. Default Present.'),
  values: values
    .optional()
    .meta({ typeless: true })
    .describe('Values of the chart from the pluginSet of the VirtualCluster.'),
});
export type PluginInstallationSpec = z.infer<typeof pluginInstallationSpec>;

/** The spec is a copy of what the VirtualCluster asks for, so one object can't become another. */
export const pluginInstallationSpecRules = [
  {
    rule: 'self.clusterRef == oldSelf.clusterRef && self.pluginRef.name == oldSelf.pluginRef.name',
    message:
      'clusterRef and pluginRef.name are immutable; enable the plugin in spec.pluginSet of the VirtualCluster and Pinion creates its installation',
  },
];

export const INSTALLATION_PHASES = ['Pending', 'Installing', 'Installed', 'Failed', 'Orphaned'] as const;

/** Actions that an executor Job can carry out. */
const ACTIONS = ['install'] as const;

const PAYLOADS = ['chart', 'yaml', 'kustomize'] as const;

/** Where an installation is in the target, and what it was made from: all that removing or moving it needs. */
const location = {
  kind: z.enum(PAYLOADS).describe('Kind of the payload.'),
  targetNamespace: z
    .string()
    .max(63)
    .optional()
    .describe('Namespace in the target cluster. Absent where an earlier release did not record it.'),
  release: z.string().max(53).optional().describe('Helm release; absent for manifests and kustomizations.'),
  revision: z.number().int().optional().describe('Revision of the Helm release.'),
  chartVersion: z.string().max(128).optional().describe('Version of the chart.'),
  digest: z
    .string()
    .max(128)
    .optional()
    .describe('Digest of the inputs. Absent once another action has been started.'),
};

const installationRecord = z.object({
  ...location,
  targetUid: z
    .string()
    .max(64)
    .optional()
    .describe('UID of namespace kube-system in the target cluster, which identifies the cluster.'),
});
export type InstallationRecord = z.infer<typeof installationRecord>;

const retryRecord = z.object({
  digest: z.string().max(128).describe('Digest of what failed; another one makes this record void.'),
  jobs: z.number().int().describe('Jobs in a row that have failed.'),
  attempts: z.number().int().describe('Pods that these Jobs have started.'),
  startTime: z.iso
    .datetime()
    .describe('When the first of them was created; spec.timeout of the plugin counts from then.'),
  nextTime: z.iso.datetime().describe('The next Job is created then at the earliest.'),
  reason: z.string().max(256).describe('Why the last one failed.'),
  message: z.string().max(1024).describe('Why, in words.'),
});
export type RetryRecord = z.infer<typeof retryRecord>;

const formerPlace = installationRecord.extend({
  shared: z
    .boolean()
    .optional()
    .describe('The release lists objects that the plugin has now: uninstalling it would delete them.'),
});
export type FormerPlace = z.infer<typeof formerPlace>;

/** Former places and objects that a status names. */
export const FORMER_LIMIT = 10;
export const LEFT_LIMIT = 20;

const historyEntry = z.object({
  attempt: z.number().int().describe('Number of the action, counted from 1.'),
  action: z.enum(ACTIONS).describe('What the Job did.'),
  reason: z.string().max(256).describe('How it ended: Installed, or the reason of the failure.'),
  message: z.string().max(256).optional().describe('First line of the message.'),
  job: z.string().max(320).optional().describe('The executor Job, as namespace/name.'),
  startTime: z.iso.datetime().optional().describe('When the Job was created.'),
  completionTime: z.iso.datetime().optional().describe('When the Job ended.'),
  ...location,
});
export type HistoryEntry = z.infer<typeof historyEntry>;

export const HISTORY_LIMIT = 10;

export const pluginInstallationStatus = z.object({
  phase: z.enum(INSTALLATION_PHASES).optional().describe('Where the installation is.'),
  reason: z.string().max(256).optional().describe('Why, in one word.'),
  message: z.string().max(1024).optional().describe('Why, and what to do.'),
  action: z.enum(ACTIONS).optional().describe('The action under way.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that this status describes.'),
  observedClusterGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the VirtualCluster that this status describes.'),
  observedPluginGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the VirtualClusterPlugin that this status describes.'),
  conditions,
  installed: installationRecord
    .optional()
    .describe('What is installed in the target cluster. Kept until it is removed from there.'),
  installing: installationRecord
    .optional()
    .describe('What the Job that was started last installs. Written before the Job runs.'),
  former: z
    .array(formerPlace)
    .max(FORMER_LIMIT)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe(
      'Where the plugin was installed before it moved to another namespace, release or kind of payload, and still is.',
    ),
  left: z
    .object({
      count: z.number().int().describe('How many.'),
      objects: z
        .array(z.string().max(512))
        .max(LEFT_LIMIT)
        .meta({ 'x-kubernetes-list-type': 'atomic' })
        .describe('The first of them.'),
    })
    .optional()
    .describe('Objects that the plugin no longer has and that are still in the target cluster.'),
  failedDigest: z
    .string()
    .max(128)
    .optional()
    .describe(
      'Digest of what failed. Retried when it or the annotation kosmos.io/retry of the VirtualCluster changes.',
    ),
  retry: retryRecord
    .optional()
    .describe('The last failure may pass, so Pinion tries again without being asked. Absent otherwise.'),
  job: z.string().max(320).optional().describe('The executor Job, as namespace/name.'),
  attempts: z.number().int().optional().describe('Pods that the action has started.'),
  verified: z.enum(VERIFIED).optional().describe('Result of successStateCommand.'),
  startTime: z.iso.datetime().optional().describe('When the last action began.'),
  completionTime: z.iso.datetime().optional().describe('When the last action ended.'),
  history: z
    .array(historyEntry)
    .max(HISTORY_LIMIT)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('The last 10 actions that ended, newest first.'),
});
export type PluginInstallationStatus = z.infer<typeof pluginInstallationStatus>;
