import type { z } from 'zod';
import { GROUP, VERSION } from '../contract/names.ts';
import {
  pluginInstallationSpec,
  pluginInstallationSpecRules,
  pluginInstallationStatus,
} from './plugininstallation.ts';
import { type Structural, structuralSchema } from './structural-schema.ts';
import {
  virtualClusterRules,
  virtualClusterSpec,
  virtualClusterSpecRules,
  virtualClusterStatus,
} from './virtualcluster.ts';
import { virtualClusterPluginSpec, virtualClusterPluginStatus } from './virtualclusterplugin.ts';

type Rule = { rule: string; message: string };
type PrinterColumn = {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  priority?: number;
  description: string;
};
type Kind = {
  kind: string;
  plural: string;
  shortNames: string[];
  description: string;
  spec: z.ZodType;
  specRules: Rule[];
  status: z.ZodType;
  rules: Rule[];
  columns: PrinterColumn[];
};

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'When the object was created.',
};

const VIRTUAL_CLUSTER: Kind = {
  kind: 'VirtualCluster',
  plural: 'virtualclusters',
  shortNames: ['vc'],
  description: 'A Kubernetes cluster that Pinion equips with plugins.',
  spec: virtualClusterSpec,
  specRules: virtualClusterSpecRules,
  status: virtualClusterStatus,
  rules: virtualClusterRules,
  columns: [
    {
      name: 'Phase',
      type: 'string',
      jsonPath: '.status.phase',
      description: 'Progress towards Completed.',
    },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether every plugin is installed and healthy.',
    },
    {
      name: 'Plugins',
      type: 'string',
      jsonPath: '.status.pluginsReady',
      description: 'Installed plugins out of all.',
    },
    { name: 'Nodes', type: 'string', jsonPath: '.status.nodesReady', description: 'Ready nodes out of all.' },
    AGE,
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      priority: 1,
      description: 'Why the cluster is or is not ready.',
    },
  ],
};

const VIRTUAL_CLUSTER_PLUGIN: Kind = {
  kind: 'VirtualClusterPlugin',
  plural: 'virtualclusterplugins',
  shortNames: ['vp', 'vcp'],
  description: 'A plugin that VirtualClusters can install: a chart, manifests or a kustomization.',
  spec: virtualClusterPluginSpec,
  specRules: [],
  status: virtualClusterPluginStatus,
  rules: [
    {
      rule: '!has(self.spec.pluginSources.chart) || has(self.spec.releaseName) || self.metadata.name.size() <= 53',
      message:
        'the Helm release is named after the plugin and Helm allows 53 characters; set spec.releaseName, like releaseName: web, or choose a shorter name',
    },
    {
      rule: '!has(self.spec.dependsOn) || self.spec.dependsOn.all(one, one.name != self.metadata.name)',
      message:
        'a plugin that depends on itself would wait for itself; remove its own name from spec.dependsOn',
    },
  ],
  columns: [
    {
      name: 'Source',
      type: 'string',
      jsonPath: '.status.source',
      description: 'Kind of the plugin and of its source.',
    },
    {
      name: 'Used-By',
      type: 'integer',
      jsonPath: '.status.usedBy',
      description: 'How many VirtualClusters install the plugin.',
    },
    {
      name: 'Default',
      type: 'boolean',
      jsonPath: '.spec.default',
      description: 'Whether every VirtualCluster installs the plugin.',
    },
    AGE,
  ],
};

const PLUGIN_INSTALLATION: Kind = {
  kind: 'PluginInstallation',
  plural: 'plugininstallations',
  shortNames: ['pinst'],
  description:
    'One plugin in one VirtualCluster: what is wanted, what is installed, what happened. Written by Pinion.',
  spec: pluginInstallationSpec,
  specRules: pluginInstallationSpecRules,
  status: pluginInstallationStatus,
  rules: [],
  columns: [
    {
      name: 'Cluster',
      type: 'string',
      jsonPath: '.spec.clusterRef.name',
      description: 'The VirtualCluster.',
    },
    { name: 'Plugin', type: 'string', jsonPath: '.spec.pluginRef.name', description: 'The plugin.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the installation is.' },
    {
      name: 'Release',
      type: 'string',
      jsonPath: '.status.installed.release',
      description: 'The Helm release in the target cluster.',
    },
    {
      name: 'Revision',
      type: 'integer',
      jsonPath: '.status.installed.revision',
      description: 'Revision of the Helm release.',
    },
    AGE,
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.message',
      priority: 1,
      description: 'Why, and what to do.',
    },
  ],
};

/** The CustomResourceDefinitions, by the name of the file that holds each. */
export function customResourceDefinitions(): Record<string, object> {
  return Object.fromEntries(
    [VIRTUAL_CLUSTER, VIRTUAL_CLUSTER_PLUGIN, PLUGIN_INSTALLATION].map((kind) => [
      `${GROUP}_${kind.plural}.yaml`,
      customResourceDefinition(kind),
    ]),
  );
}

function customResourceDefinition(of: Kind): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${of.plural}.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'pinion' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: of.kind,
        listKind: `${of.kind}List`,
        plural: of.plural,
        singular: of.kind.toLowerCase(),
        shortNames: of.shortNames,
        categories: ['kosmos'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: of.columns,
          schema: { openAPIV3Schema: objectSchema(of) },
        },
      ],
    },
  };
}

function objectSchema(of: Kind): Structural {
  const spec = withRules(structuralSchema(of.spec), of.specRules);
  return {
    description: of.description,
    type: 'object',
    required: ['spec'],
    'x-kubernetes-validations': of.rules,
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: `${of.kind}.` },
      metadata: { type: 'object' },
      spec: { description: 'Desired state.', ...spec },
      status: { description: 'Observed state, written by the operator.', ...structuralSchema(of.status) },
    },
  };
}

function withRules(schema: Structural, rules: Rule[]): Structural {
  if (rules.length === 0) return schema;
  const own = (schema['x-kubernetes-validations'] ?? []) as Rule[];
  return { ...schema, 'x-kubernetes-validations': [...own, ...rules] };
}
