import { z } from 'zod';
import { values } from '../payloads/values.ts';
import { localName } from '../sources/source.ts';
import { OPTION_NAME } from './plugin-option.ts';

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
    .describe('Host nodes to promote into this cluster.'),
  nodeInfos: z
    .array(z.object({ nodeName: z.string().min(1).max(253).describe('Name of the host node.') }))
    .max(1000)
    .optional()
    .describe("Host nodes to promote into this cluster, in Kosmos's form."),
  resources: z
    .record(z.string(), quantity)
    .optional()
    .meta({ maxProperties: 32 })
    .describe(
      'Total capacity of the worker pods to create, like cpu: 10 and memory: 100Gi. kosmos.io/workers is the minimum number of worker pods; ignored without cpu and memory. No other resource is supported.',
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
    .describe('Values for In and NotIn; leave empty for the others.'),
});

const promotePolicy = z.object({
  labelSelector: z
    .object({
      matchLabels: z
        .record(z.string(), z.string().max(63))
        .optional()
        .meta({ maxProperties: 32 })
        .describe('Labels that a node must all have.'),
      matchExpressions: z
        .array(labelRequirement)
        .max(32)
        .optional()
        .describe('Requirements that a node must all meet.'),
    })
    .optional()
    .meta({ 'x-kubernetes-map-type': 'atomic' })
    .describe('The pool: host nodes with these labels. Absent or empty: all host nodes.'),
  nodeCount: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('How many nodes to promote from the pool. Default 0.'),
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
              "Values for this cluster, which override the plugin's own: an object, a string of YAML or a list.",
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
        message: 'a plugin is in both enabled and disabled; remove it from one of them',
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
      'How the API server is reached from outside. Default the --service-type of the operator. hostNetwork is not supported, because tenants would share ports of the host.',
    ),
  externalPort: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Node port of the API server, 30000 to 32767. 0 or absent: any free port.'),
  clusterCIDR: z
    .string()
    .max(128)
    .optional()
    .describe(
      "Pod address range, IPv4, of /8 to /22. Default 10.200.0.0/16. It must not overlap the Services or the host nodes, and can't be changed once the control plane runs.",
    ),
  etcdStorageClass: z
    .string()
    .max(253)
    .optional()
    .describe(
      'StorageClass of the datastore. Default the --storage-class of the operator. No effect after the datastore is created.',
    ),
  etcdUnitSize: z
    .string()
    .max(32)
    .optional()
    .describe('Size of the datastore volume. Default 1Gi. No effect after the datastore is created.'),
  admissionPlugins: z.boolean().optional().describe('Accepted for manifests written for Kosmos; no effect.'),
  anpMode: z.string().max(32).optional().describe('Accepted for manifests written for Kosmos; no effect.'),
  useTenantDNS: z.boolean().optional().describe('Accepted for manifests written for Kosmos; no effect.'),
  useNodeLocalDNS: z
    .boolean()
    .optional()
    .describe(
      'Accepted for manifests written for Kosmos; no effect. Enable the plugin node-local-dns instead.',
    ),
  forceDestroy: z
    .boolean()
    .optional()
    .describe(
      'On deletion pods are not drained, and Pinion gives up promoted nodes that do not answer after 15 s instead of 5 minutes: the machines are left as they are.',
    ),
  tenantEntrypoint: z
    .object({
      externalIps: z
        .array(address)
        .max(64)
        .optional()
        .describe('More external addresses or names of the API server.'),
      externalVips: z
        .array(address)
        .max(64)
        .optional()
        .describe('More external addresses or names of the API server.'),
    })
    .optional()
    .describe('More addresses of the API server, like externalIps.'),
});

export const virtualClusterSpec = z.object({
  kubeconfig: z
    .string()
    .max(262_144)
    .optional()
    .describe(
      'Admin kubeconfig of an existing cluster, base64. Prefer kubeconfigSecretRef. Set at most one of the two; neither can be added or removed after creation.',
    ),
  kubeconfigSecretRef: z
    .object({
      name: localName.describe('Name of the Secret.'),
      key: z.string().min(1).max(253).optional().describe('Key in the Secret. Default kubeconfig.'),
    })
    .optional()
    .describe('A Secret in this namespace with the admin kubeconfig of an existing cluster.'),
  promoteResources: promoteResources
    .optional()
    .describe('Nodes and capacity of the cluster. No effect with a kubeconfig.'),
  promotePolicies: z
    .array(promotePolicy)
    .max(64)
    .optional()
    .describe('How many host nodes to promote from each pool. No effect with a kubeconfig.'),
  pluginSet: pluginSet.optional().describe('Which plugins are installed. Absent: the default plugins.'),
  pluginOptions: z
    .array(
      z.object({
        name: z.string().regex(OPTION_NAME).max(128).describe('Name of the option.'),
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
      'External address or name of the API server, for its certificate and the kubeconfig. No effect with a kubeconfig.',
    ),
  externalIps: z
    .array(address)
    .max(64)
    .optional()
    .describe(
      'More external addresses or names of the API server, for its certificate. No effect with a kubeconfig.',
    ),
  kubeInKubeConfig: kubeInKubeConfig
    .optional()
    .describe('Settings of the control plane. No effect with a kubeconfig.'),
  version: z
    .string()
    .max(32)
    .optional()
    .describe(
      'Kubernetes version of the control plane. Only 1.36 is available. No effect with a kubeconfig.',
    ),
  suspend: z.boolean().optional().describe('Stop acting on this object; what is running continues to run.'),
});
// With both, a rule would have to say which one wins.
export const virtualClusterSpecRules = [
  {
    rule: '!(has(self.kubeconfig) && has(self.kubeconfigSecretRef))',
    message: 'set kubeconfig or kubeconfigSecretRef, not both; kubeconfigSecretRef is preferred',
  },
  // Otherwise the control plane and nodes that Pinion created would be orphaned.
  {
    rule: '(has(self.kubeconfig) || has(self.kubeconfigSecretRef)) == (has(oldSelf.kubeconfig) || has(oldSelf.kubeconfigSecretRef))',
    message:
      "kubeconfig and kubeconfigSecretRef can't be added or removed after creation; create a new VirtualCluster",
  },
];

/** Default of `kubeInKubeConfig.clusterCIDR`. */
export const POD_RANGE = '10.200.0.0/16';

const podRangeOf = (self: string) =>
  `(has(${self}.spec.kubeInKubeConfig) && has(${self}.spec.kubeInKubeConfig.clusterCIDR) && ${self}.spec.kubeInKubeConfig.clusterCIDR != '' ? ${self}.spec.kubeInKubeConfig.clusterCIDR : '${POD_RANGE}')`;

export const virtualClusterRules = [
  {
    rule: 'self.metadata.name.size() <= 63',
    message: 'the name of a VirtualCluster is also a label value: at most 63 characters, like team-a',
  },
  // Nodes may have addresses of the range as soon as the API server has answered; until then it can be corrected.
  {
    rule: `!has(oldSelf.status) || !has(oldSelf.status.port) || ${podRangeOf('self')} == ${podRangeOf('oldSelf')}`,
    message:
      "spec.kubeInKubeConfig.clusterCIDR can't be changed once the control plane runs, because its nodes have addresses in it; create a new VirtualCluster with the other range",
  },
];

export type VirtualClusterSpec = z.infer<typeof virtualClusterSpec>;

/** Whether the VirtualCluster is an existing cluster; otherwise it is a managed one. */
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
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the object that the condition describes.'),
  lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
  reason: z.string().max(1024).describe('Why, in one word.'),
  message: z.string().max(32768).describe('Why, and what to do.'),
});
export type Condition = z.infer<typeof condition>;

/** Type of the condition that says that a managed cluster's etcd is full or nearly full. */
export const STORAGE_PRESSURE = 'StoragePressure';

/** The conditions of a kind that follows kstatus. */
export const conditions = z
  .array(condition)
  .max(16)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('Ready, Reconciling and Stalled, as kstatus defines them.');

/** How many executor Jobs of one cluster run at the same time, unless spec.pluginSet.maxConcurrent says otherwise. */
export const MAX_CONCURRENT = 8;

export const VERIFIED = ['Yes', 'No', 'NotAsked'] as const;

const pluginStatus = z.object({
  name: z.string().max(253).describe('Name of the VirtualClusterPlugin.'),
  namespace: z.string().max(63).optional().describe('Namespace of the VirtualClusterPlugin.'),
  phase: z.enum(PLUGIN_PHASES).describe('Progress of the plugin towards Installed.'),
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
  verified: z.enum(VERIFIED).optional().describe('Result of successStateCommand.'),
  startTime: z.iso.datetime().optional().describe('When its installation started.'),
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
  kind: z
    .enum(['Promoted', 'Worker'])
    .optional()
    .describe('Promoted for a promoted host node, Worker for a worker pod.'),
  phase: z
    .enum(NODE_PHASES)
    .optional()
    .describe('Progress of the node into the cluster or back to the host.'),
  step: z
    .string()
    .max(64)
    .optional()
    .describe('The current step, recorded before it starts: Cordon, Drain, Join and so on.'),
  since: z.iso.datetime().optional().describe('When that step started.'),
  reason: z.string().max(256).optional().describe('Why, in one word.'),
  message: z.string().max(1024).optional().describe('Why, and what to do.'),
});
export type NodeStatus = z.infer<typeof nodeStatus>;

export const virtualClusterStatus = z.object({
  phase: z.enum(PHASES).optional().describe('Progress of the cluster towards Completed.'),
  reason: z.string().max(4096).optional().describe('Why the cluster is in this phase.'),
  updateTime: z.iso.datetime().optional().describe('When the phase last changed.'),
  port: z.number().int().optional().describe('External port of the API server.'),
  portMap: z
    .record(z.string(), z.number().int())
    .optional()
    .meta({ maxProperties: 64 })
    .describe('External ports of the control plane: apiserver and konnectivity.'),
  vipMap: z
    .record(z.string(), z.string().max(253))
    .optional()
    .meta({ maxProperties: 64 })
    .describe('Not used; kept for clients written for Kosmos.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that this status describes.'),
  equippedAt: z.iso
    .datetime()
    .optional()
    .describe('When the cluster was first ready for plugins. From then on a missing node is a change.'),
  conditions,
  pluginsReady: z.string().max(32).optional().describe('Installed plugins out of all, like 3/5.'),
  plugins: z.array(pluginStatus).max(1024).optional().meta(byName).describe('One entry per plugin.'),
  nodes: z
    .array(nodeStatus)
    .max(1024)
    .optional()
    .meta(byName)
    .describe('One entry per node of the cluster: promoted, worker pod, or requested.'),
  nodesReady: z.string().max(32).optional().describe('Ready nodes out of all, like 2/2.'),
  kubeconfigSecretRef: z
    .object({
      name: localName.describe('Name of the Secret.'),
      key: z.string().max(253).optional().describe('Key in the Secret.'),
    })
    .optional()
    .describe('The Secret with the admin kubeconfig.'),
});
export type VirtualClusterStatus = z.infer<typeof virtualClusterStatus>;
