import { z } from 'zod';
import { DURATION_PATTERN } from '../duration.ts';
import { pluginSources } from '../payloads/table.ts';
import { localName } from '../sources/source.ts';
import { OPTION_NAME } from './plugin-option.ts';

/** Defaults that the schema describes. */
export const PLUGIN_DEFAULTS = {
  timeout: '10m',
  successStateTimeout: '10m',
  targetNamespace: 'kube-system',
  valuesKey: 'values.yaml',
} as const;

const duration = z.string().regex(new RegExp(DURATION_PATTERN)).max(32);

export const virtualClusterPluginSpec = z.object({
  description: z.string().max(1024).optional().describe('Purpose of the plugin.'),
  version: z
    .string()
    .max(128)
    .optional()
    .describe('Version of the plugin, shown to users. Changing it reinstalls the plugin.'),
  default: z
    .boolean()
    .optional()
    .meta({ default: false })
    .describe('Install the plugin in every VirtualCluster that does not disable it.'),
  dependsOn: z
    .array(z.object({ name: localName.describe('Name of a plugin.') }))
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Plugins that must be healthy before this one is installed.'),
  pluginSources,
  options: z
    .array(z.string().regex(OPTION_NAME).max(128))
    .max(128)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe(
      'Names of the pluginOptions of a VirtualCluster that this plugin reads. Default all of them; [] is none. Only these reach its chart, kustomization and command, and only their changes install it again.',
    ),
  targetNamespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .max(63)
    .optional()
    .meta({ default: PLUGIN_DEFAULTS.targetNamespace })
    .describe('Namespace in the target cluster; created if missing. Default kube-system.'),
  releaseName: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
    .max(53)
    .optional()
    .describe(
      'Name of the Helm release, at most 53 characters. Default the name of the plugin. Ignored without a chart.',
    ),
  takeOwnership: z
    .boolean()
    .optional()
    .describe(
      'Let the chart take over objects that exist in the target cluster and that Pinion has not made. Those of other plugins are refused all the same. Ignored without a chart.',
    ),
  successStateCommand: z
    .string()
    .max(16384)
    .optional()
    .describe(
      'Shell command that verifies the plugin: retried, with the KUBECONFIG of the target cluster, until it exits 0. Without it the plugin is not verified.',
    ),
  successStateTimeout: duration
    .optional()
    .describe(
      'How long the command is retried, 1s to 24h. Default 10m. Ignored without successStateCommand.',
    ),
  timeout: duration
    .optional()
    .meta({ default: PLUGIN_DEFAULTS.timeout })
    .describe('Time limit of fetching and of installing, each 1s to 24h. Default 10m.'),
});

export type VirtualClusterPluginSpec = z.infer<typeof virtualClusterPluginSpec>;

export const virtualClusterPluginStatus = z.object({
  usedBy: z.number().int().optional().describe('How many VirtualClusters install this plugin.'),
  source: z.string().max(64).optional().describe('Kind of the payload and of its source, like chart/pvPath.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that this status describes.'),
});

export type VirtualClusterPluginStatus = z.infer<typeof virtualClusterPluginStatus>;
