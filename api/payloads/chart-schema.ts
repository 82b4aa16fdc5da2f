import { z } from 'zod';
import { APPLY_METHODS } from '../contract/work-order.ts';
import { localName, secretReference, source } from '../sources/source.ts';
import { values } from './values.ts';

const keyReference = z.object({
  name: localName.describe("Name of the object, in the plugin's namespace."),
  key: z.string().min(1).max(253).optional().describe('The key that holds YAML values. Default values.yaml.'),
});

const valuesFrom = z
  .object({
    configMapKeyRef: keyReference.optional().describe('A key of a ConfigMap.'),
    secretKeyRef: keyReference
      .optional()
      .describe('A key of a Secret. Its values never appear in a log or a status.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.configMapKeyRef) != has(self.secretKeyRef)',
        message: 'set exactly one of configMapKeyRef and secretKeyRef',
      },
    ],
  });

export const chartPayload = z
  .object({
    name: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('Name of the chart in its repository; required with https://. No effect with storage.'),
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
        'Address of the chart repository: https:// (with an index.yaml) or oci://registry/path. http:// is rejected unless the operator runs with --source-secure-loose.',
      ),
    version: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Version of the chart, or a range. Default the newest. No effect with storage.'),
    secretRef: secretReference('Only for repo; storage has its own.').optional(),
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
      .describe('More values, from ConfigMaps and Secrets. Use it for secret values.'),
    valuesFile: source.optional().describe('A file of values.'),
    wait: z
      .boolean()
      .optional()
      .meta({ default: true })
      .describe('Wait until the workloads of the release are ready. Default true.'),
    apply: z
      .enum(APPLY_METHODS)
      .optional()
      // No default in the schema: it would become part of the digest of every chart that is installed.
      .describe(
        'How Helm applies the chart: ServerSide, ClientSide as Helm 3 did, or Auto: server-side, and client-side where only that takes the chart (unknown fields, entries that are there twice). Default Auto.',
      ),
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
  })
  .optional()
  .describe('A Helm chart.');

export type Chart = NonNullable<z.infer<typeof chartPayload>>;
