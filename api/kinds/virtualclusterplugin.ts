import { z } from 'zod';
import { DURATION_PATTERN } from '../duration.ts';
import { values } from '../payloads/values.ts';
import { localName, secretReference, source } from '../sources/source.ts';

/** Defaults that the schema describes, as milliseconds and names. */
export const PLUGIN_DEFAULTS = {
  timeout: '10m',
  successStateTimeout: '10m',
  targetNamespace: 'kube-system',
  valuesKey: 'values.yaml',
} as const;

const duration = z.string().regex(new RegExp(DURATION_PATTERN)).max(32);

const keyReference = z.object({
  name: localName.describe("Name of the object, in the plugin's namespace."),
  key: z.string().min(1).max(253).optional().describe('The key that holds YAML values. Default values.yaml.'),
});

const valuesFrom = z
  .object({
    configMapKeyRef: keyReference.optional().describe('A key of a ConfigMap.'),
    secretKeyRef: keyReference
      .optional()
      .describe('A key of a Secret. Its values appear in no log and no status.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.configMapKeyRef) != has(self.secretKeyRef)',
        message: 'give exactly one of configMapKeyRef and secretKeyRef',
      },
    ],
  });

const chart = z
  .object({
    name: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('Name of the chart in its repository; needed with https://. No effect with storage.'),
    repo: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .meta({
        'x-kubernetes-validations': [
          {
            rule: "self.matches('^(https?|oci)://[^/]')",
            message:
              'repo must be the https:// address of a chart repository or an oci:// registry path, like https://charts.example.com/stable',
          },
        ],
      })
      .describe(
        'Address of the chart repository: https:// (with an index.yaml) or oci://registry/path. Refused: http://, unless the administrator says --source-secure-loose.',
      ),
    version: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Version of the chart, or a range. Default the newest. No effect with storage.'),
    secretRef: secretReference('Refused beside storage, which has its own.').optional(),
    storage: source.optional().describe('The chart itself, as a directory or a .tgz: instead of repo.'),
    values: values
      .optional()
      .meta({ typeless: true })
      .describe(
        'Values of the chart: an object, a string of YAML, or a list of key=value strings as helm --set takes them.',
      ),
    valuesFrom: z
      .array(valuesFrom)
      .max(16)
      .optional()
      .describe('More values, from ConfigMaps and Secrets. The place for secret values.'),
    valuesFile: source.optional().describe('A file of values.'),
    wait: z
      .boolean()
      .optional()
      .meta({ default: true })
      .describe('Wait until the workloads of the release are ready. Default true.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.repo) != has(self.storage)',
        message: 'a chart comes from exactly one of repo and storage; keep one of them',
      },
      {
        rule: "!has(self.repo) || has(self.name) || self.repo.startsWith('oci://')",
        message: 'a chart from a repository needs its name: add name, like name: web',
      },
    ],
  });

const pathOf = (what: string) => z.object({ path: source.describe(what) });

const pluginSources = z
  .object({
    chart: chart.optional().describe('A Helm chart.'),
    yaml: pathOf('A manifest file, or a directory of them.')
      .optional()
      .describe('Plain manifests, applied as they are.'),
    kustomize: pathOf('A directory that holds a kustomization file.').optional().describe('A kustomization.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '[has(self.chart), has(self.yaml), has(self.kustomize)].filter(x, x).size() == 1',
        message: 'a plugin is exactly one of chart, yaml and kustomize; keep one of them under pluginSources',
      },
    ],
  });

export const virtualClusterPluginSpec = z.object({
  description: z.string().max(1024).optional().describe('What the plugin is for.'),
  version: z
    .string()
    .max(128)
    .optional()
    .describe('Version of the plugin, for people. A new one is a change to install.'),
  default: z
    .boolean()
    .optional()
    .meta({ default: false })
    .describe('Install it in every VirtualCluster that does not disable it.'),
  dependsOn: z
    .array(z.object({ name: localName.describe('Name of a plugin.') }))
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Plugins that must be healthy before this one is installed.'),
  pluginSources: pluginSources.describe('What is installed: exactly one of chart, yaml and kustomize.'),
  targetNamespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .max(63)
    .optional()
    .meta({ default: PLUGIN_DEFAULTS.targetNamespace })
    .describe('Namespace in the virtual cluster; made if it is not there. Default kube-system.'),
  releaseName: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
    .max(53)
    .optional()
    .describe(
      'Name of the Helm release, at most 53 characters. Default the name of the plugin. No effect without a chart.',
    ),
  successStateCommand: z
    .string()
    .max(16384)
    .optional()
    .describe(
      'Shell command that says whether the plugin works: retried, with KUBECONFIG of the virtual cluster, until it exits 0. Without it the plugin is not judged.',
    ),
  successStateTimeout: duration
    .optional()
    .describe(
      'How long the command is retried, 1s to 24h. Default 10m. No effect without successStateCommand.',
    ),
  timeout: duration
    .optional()
    .meta({ default: PLUGIN_DEFAULTS.timeout })
    .describe('How long fetching and installing may take, each, 1s to 24h. Default 10m.'),
});

export type VirtualClusterPluginSpec = z.infer<typeof virtualClusterPluginSpec>;
export type ChartSpec = z.infer<typeof chart>;

export const virtualClusterPluginStatus = z.object({
  usedBy: z.number().int().optional().describe('How many VirtualClusters install this plugin.'),
  source: z.string().max(64).optional().describe('Kind of the plugin and of its source, like chart/pvPath.'),
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that this status is about.'),
});

export type VirtualClusterPluginStatus = z.infer<typeof virtualClusterPluginStatus>;
