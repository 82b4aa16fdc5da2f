import { z } from 'zod';
import { values } from '../payloads/values.ts';
import { localName } from '../sources/source.ts';

const quantity = z
  .union([
    z.number().int(),
    z
      .string()
      .regex(/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$/)
      .max(64),
  ])
  .meta({ 'x-kubernetes-int-or-string': true });
const address = z.string().min(1).max(253);
const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };

const promoteResources = z.object({
  nodes: z
    .array(z.string().min(1).max(253))
    .max(1000)
    .optional()
    .describe('Host nodes to move into this cluster.'),
  nodeInfos: z
    .array(z.object({ nodeName: z.string().min(1).max(253).describe('Name of the host node.') }))
    .max(1000)
    .optional()
    .describe("Host nodes to move into this cluster, in Kosmos's form."),
  resources: z
    .record(z.string(), quantity)
    .optional()
    .meta({ maxProperties: 32 })
    .describe(
      'Capacity to provide as worker pods of that total size, like cpu: 10 and memory: 100Gi. kosmos.io/workers: at least so many of them; no effect without the other two. Refused: any other resource.',
    ),
});

const labelRequirement = z.object({
  key: z.string().min(1).max(317).describe('Key of a label.'),
  operator: z
    .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
    .describe('How the label relates to the values.'),
  values: z
    .array(z.string().max(63))
    .max(64)
    .optional()
    .describe('Values for In and NotIn; none for the others.'),
});

const promotePolicy = z.object({
  labelSelector: z
    .object({
      matchLabels: z
        .record(z.string(), z.string().max(63))
        .optional()
        .meta({ maxProperties: 32 })
        .describe('Labels that a node must have, all of them.'),
      matchExpressions: z
        .array(labelRequirement)
        .max(32)
        .optional()
        .describe('Requirements that a node must meet, all of them.'),
    })
    .optional()
    .meta({ 'x-kubernetes-map-type': 'atomic' })
    .describe('The pool: host nodes with these labels. Absent or empty: all of them.'),
  nodeCount: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('How many nodes to take from the pool. Default 0.'),
});

const pluginSet = z
  .object({
    enabled: z
      .array(
        z.object({
          name: localName.describe(
            'Name of a VirtualClusterPlugin in this namespace or in pinion-catalogue.',
          ),
          values: values
            .optional()
            .meta({ typeless: true })
            .describe(
              "Values for this cluster, over the plugin's own: an object, a string of YAML or a list.",
            ),
        }),
      )
      .max(64)
      .optional()
      .meta(byName)
      .describe('Plugins to install besides the defaults.'),
    disabled: z
      .array(z.object({ name: localName.describe('Name of a default plugin, or * for all defaults.') }))
      .max(64)
      .optional()
      .meta(byName)
      .describe('Plugins not to install.'),
    maxConcurrent: z
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe('How many plugins are installed at the same time. Default 8.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.enabled) || !has(self.disabled) || self.enabled.all(e, !self.disabled.exists(d, d.name == e.name))',
        message: 'a plugin is both in enabled and in disabled; remove it from one of them',
      },
    ],
  });

const kubeInKubeConfig = z.object({
  apiServerReplicas: z
    .number()
    .int()
    .min(0)
    .max(9)
    .optional()
    .describe('Replicas of the API server. Default 1.'),
  apiServerServiceType: z
    .enum(['nodePort', 'hostNetwork'])
    .optional()
    .describe(
      'How the API server is reached from outside. Default what --service-type of the operator says. Refused: hostNetwork, since tenants would share ports of the host.',
    ),
  externalPort: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe(
      'Node port of the API server. 0 or absent: any that is free. Refused: others than 30000 to 32767.',
    ),
  clusterCIDR: z
    .string()
    .max(128)
    .optional()
    .describe(
      'Pod address range, IPv4. Default 10.200.0.0/16. Refused: larger than /8, smaller than /22, one that overlaps the Services or the host nodes, and a change once the control plane runs.',
    ),
  etcdStorageClass: z
    .string()
    .max(253)
    .optional()
    .describe(
      'StorageClass of the datastore. Default what --storage-class of the operator says. No effect once that is made.',
    ),
  etcdUnitSize: z
    .string()
    .max(32)
    .optional()
    .describe('Size of the datastore volume. Default 1Gi. No effect once that is made.'),
  admissionPlugins: z.boolean().optional().describe('No effect: accepted for manifests written for Kosmos.'),
  anpMode: z.string().max(32).optional().describe('No effect: accepted for manifests written for Kosmos.'),
  useTenantDNS: z.boolean().optional().describe('No effect: accepted for manifests written for Kosmos.'),
  useNodeLocalDNS: z
    .boolean()
    .optional()
    .describe(
      'No effect: accepted for manifests written for Kosmos. Enable the plugin node-local-dns instead.',
    ),
  forceDestroy: z
    .boolean()
    .optional()
    .describe(
      'On deletion pods are not drained, and machines that were moved in and do not answer are given up after 15 s instead of 5 minutes: they stay as they are.',
    ),
  tenantEntrypoint: z
    .object({
      externalIps: z.array(address).max(64).optional().describe('More addresses or names of the API server.'),
      externalVips: z
        .array(address)
        .max(64)
        .optional()
        .describe('More addresses or names of the API server.'),
    })
    .optional()
    .describe('Where tenants enter: like externalIps.'),
});

export const virtualClusterSpec = z.object({
  kubeconfig: z
    .string()
    .max(262_144)
    .optional()
    .describe(
      'Admin kubeconfig of an existing cluster, base64. Prefer kubeconfigSecretRef. Refused: together with it, and adding or removing either later.',
    ),
  kubeconfigSecretRef: z
    .object({
      name: localName.describe('Name of the Secret.'),
      key: z.string().min(1).max(253).optional().describe('Key in the Secret. Default kubeconfig.'),
    })
    .optional()
    .describe('A Secret of this namespace that holds the admin kubeconfig of an existing cluster.'),
  promoteResources: promoteResources
    .optional()
    .describe('Nodes and capacity of the cluster. No effect with a kubeconfig.'),
  promotePolicies: z
    .array(promotePolicy)
    .max(64)
    .optional()
    .describe('How many host nodes to take from each pool. No effect with a kubeconfig.'),
  pluginSet: pluginSet.optional().describe('Which plugins are installed. Absent: the default plugins.'),
  pluginOptions: z
    .array(
      z.object({
        name: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/)
          .max(128)
          .describe('Name of the option.'),
        value: z.string().max(4096).describe('Its value.'),
      }),
    )
    .max(128)
    .optional()
    .meta(byName)
    .describe(
      'Settings for all plugins: global.<name> in charts, data.<name> of plugin-options.yaml in kustomizations, PLUGIN_OPTION_<NAME> in success commands.',
    ),
  externalIP: z
    .string()
    .max(253)
    .optional()
    .describe(
      'Address or name of the API server outside, for its certificate and the kubeconfig. No effect with a kubeconfig.',
    ),
  externalIps: z
    .array(address)
    .max(64)
    .optional()
    .describe(
      'More addresses or names of the API server outside, for its certificate. No effect with a kubeconfig.',
    ),
  kubeInKubeConfig: kubeInKubeConfig
    .optional()
    .describe('Settings of the control plane. No effect with a kubeconfig.'),
  version: z
    .string()
    .max(32)
    .optional()
    .describe(
      'Kubernetes version of the control plane. Refused: others than 1.36. No effect with a kubeconfig.',
    ),
  suspend: z.boolean().optional().describe('Stop acting on this object; what runs goes on.'),
});
// Two ways to give one kubeconfig would need a rule which wins.
export const virtualClusterSpecRules = [
  {
    rule: '!(has(self.kubeconfig) && has(self.kubeconfigSecretRef))',
    message: 'give kubeconfig or kubeconfigSecretRef, not both; kubeconfigSecretRef is preferred',
  },
  // Nodes and a control plane that Pinion made would be nobody's.
  {
    rule: '(has(self.kubeconfig) || has(self.kubeconfigSecretRef)) == (has(oldSelf.kubeconfig) || has(oldSelf.kubeconfigSecretRef))',
    message:
      'whether a cluster exists already (kubeconfig, kubeconfigSecretRef) or is made by Pinion (neither) is settled when the object is made; make another VirtualCluster, and delete this one',
  },
];

/** Pod addresses of a cluster that asks for none in particular. */
export const POD_RANGE = '10.200.0.0/16';

const podRangeOf = (self: string) =>
  `(has(${self}.spec.kubeInKubeConfig) && has(${self}.spec.kubeInKubeConfig.clusterCIDR) && ${self}.spec.kubeInKubeConfig.clusterCIDR != '' ? ${self}.spec.kubeInKubeConfig.clusterCIDR : '${POD_RANGE}')`;

export const virtualClusterRules = [
  {
    rule: 'self.metadata.name.size() <= 63',
    message: 'the name of a VirtualCluster is a label value too: at most 63 characters, like team-a',
  },
  // As soon as its API server has answered nodes may have addresses of it. Until then a bad one can be corrected.
  {
    rule: `!has(oldSelf.status) || !has(oldSelf.status.port) || ${podRangeOf('self')} == ${podRangeOf('oldSelf')}`,
    message:
      'spec.kubeInKubeConfig.clusterCIDR is settled once the control plane runs: its nodes have addresses of it; make another VirtualCluster with the other range',
  },
];

export type VirtualClusterSpec = z.infer<typeof virtualClusterSpec>;

/** Whether it is about a cluster that exists; otherwise Pinion makes one. */
export const isExisting = ({ kubeconfig, kubeconfigSecretRef }: VirtualClusterSpec): boolean =>
  kubeconfig !== undefined || kubeconfigSecretRef !== undefined;

export const PHASES = [
  'Preparing',
  'Initialized',
  'AllNodeReady',
  'Completed',
  'Updating',
  'Pending',
  'Deleting',
  'AllNodeDeleted',
  'Failed',
] as const;
export type Phase = (typeof PHASES)[number];

export const PLUGIN_PHASES = ['Pending', 'Installing', 'Installed', 'Failed'] as const;

const condition = z.object({
  type: z.string().max(316).describe('Ready, Reconciling or Stalled.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
  observedGeneration: z.number().int().optional().describe('Generation of the object that this is about.'),
  lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
  reason: z.string().max(1024).describe('Why, in one word.'),
  message: z.string().max(32768).describe('Why, and what to do.'),
});
export type Condition = z.infer<typeof condition>;

/** The conditions of a kind that follows kstatus. */
export const conditions = z
  .array(condition)
  .max(16)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('Ready, Reconciling and Stalled, after kstatus.');

/** How many executor Jobs of one cluster run at the same time, unless spec.pluginSet.maxConcurrent says otherwise. */
export const MAX_CONCURRENT = 8;

export const VERIFIED = ['Yes', 'No', 'NotAsked'] as const;

const pluginStatus = z.object({
  name: z.string().max(253).describe('Name of the VirtualClusterPlugin.'),
  namespace: z.string().max(63).optional().describe('Namespace of the VirtualClusterPlugin.'),
  phase: z.enum(PLUGIN_PHASES).describe('Where the plugin is on its way to Installed.'),
  reason: z.string().max(256).optional().describe('Why, in one word.'),
  message: z.string().max(1024).optional().describe('Why, and what to do.'),
  job: z.string().max(320).optional().describe('The executor Job, as namespace/name.'),
  attempts: z.number().int().optional().describe('Pods that the Job has started.'),
  release: z.string().max(53).optional().describe('The Helm release.'),
  revision: z.number().int().optional().describe('Revision of the Helm release.'),
  digest: z
    .string()
    .max(128)
    .optional()
    .describe('Not used since 0.2: the digest of what is installed is in the PluginInstallation.'),
  failedDigest: z
    .string()
    .max(128)
    .optional()
    .describe('Not used since 0.2: the digest of what failed is in the PluginInstallation.'),
  installation: z
    .string()
    .max(253)
    .optional()
    .describe('The PluginInstallation, in the namespace of the VirtualCluster, that has the whole record.'),
  verified: z.enum(VERIFIED).optional().describe('What successStateCommand said.'),
  startTime: z.iso.datetime().optional().describe('When its installation began.'),
  completionTime: z.iso.datetime().optional().describe('When its installation ended.'),
});
export type PluginStatus = z.infer<typeof pluginStatus>;

export const NODE_PHASES = [
  'Pending',
  'Joining',
  'Ready',
  'NotReady',
  'Leaving',
  'Failed',
  'NotManaged',
] as const;

const nodeStatus = z.object({
  name: z.string().max(253).describe('Name of the node.'),
  kind: z.enum(['Promoted', 'Worker']).optional().describe('A host node that was moved in, or a worker pod.'),
  phase: z.enum(NODE_PHASES).optional().describe('Where the node is on its way in or back.'),
  step: z
    .string()
    .max(64)
    .optional()
    .describe('The step of that way, written down before it begins: Cordon, Drain, Join and so on.'),
  since: z.iso.datetime().optional().describe('When that step began.'),
  reason: z.string().max(256).optional().describe('Why it is there, in one word.'),
  message: z.string().max(1024).optional().describe('Why, and what to do.'),
});
export type NodeStatus = z.infer<typeof nodeStatus>;

export const virtualClusterStatus = z.object({
  phase: z.enum(PHASES).optional().describe('Where the cluster is on its way to Completed.'),
  reason: z.string().max(4096).optional().describe('Why it is there.'),
  updateTime: z.iso.datetime().optional().describe('When the phase last changed.'),
  port: z.number().int().optional().describe('Port of the API server outside.'),
  portMap: z
    .record(z.string(), z.number().int())
    .optional()
    .meta({ maxProperties: 64 })
    .describe('Ports of the control plane outside: apiserver and konnectivity.'),
  vipMap: z
    .record(z.string(), z.string().max(253))
    .optional()
    .meta({ maxProperties: 64 })
    .describe('Not used: for clients written for Kosmos.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that this status is about.'),
  equippedAt: z.iso
    .datetime()
    .optional()
    .describe('When the cluster was first ready for plugins. From then on a missing node is a change.'),
  conditions,
  pluginsReady: z.string().max(32).optional().describe('Installed plugins of all, like 3/5.'),
  plugins: z.array(pluginStatus).max(1024).optional().meta(byName).describe('One entry per plugin.'),
  nodes: z
    .array(nodeStatus)
    .max(1024)
    .optional()
    .meta(byName)
    .describe('One entry per node of the cluster: promoted, worker pod, or only named.'),
  nodesReady: z.string().max(32).optional().describe('Ready nodes of all, like 2/2.'),
  kubeconfigSecretRef: z
    .object({
      name: localName.describe('Name of the Secret.'),
      key: z.string().max(253).optional().describe('Key in the Secret.'),
    })
    .optional()
    .describe('The Secret with the admin kubeconfig.'),
});
export type VirtualClusterStatus = z.infer<typeof virtualClusterStatus>;
