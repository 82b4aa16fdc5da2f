import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';

type Deployment = {
  kind: string;
  metadata: { namespace: string };
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: { ports: { name: string; containerPort: number }[] }[] };
    };
  };
};
type Policy = {
  metadata: { namespace: string };
  spec: {
    podSelector: { matchLabels: Record<string, string> };
    policyTypes: string[];
    ingress: { from?: { ipBlock: { cidr: string } }[]; ports: { port: number }[] }[];
  };
};

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
const { metadata, spec } = load(read('components/webhook-network-policy/policy.yaml')) as Policy;
const webhook = (loadAll(read('webhook/deployment.yaml')) as Deployment[]).find(
  ({ kind }) => kind === 'Deployment',
) as Deployment;
const portOf = (portName: string) =>
  webhook.spec.template.spec.containers[0]?.ports.find(({ name }) => name === portName)?.containerPort;

test('the webhook policy selects the pods of the webhook, and only their ingress', () => {
  expect(metadata.namespace).toBe(webhook.metadata.namespace);
  expect(webhook.spec.template.metadata.labels).toMatchObject(spec.podSelector.matchLabels);
  expect(spec.policyTypes).toEqual(['Ingress']);
});

test('the webhook policy admits no caller to admission by default, and every caller to health and metrics', () => {
  expect(spec.ingress).toEqual([
    { from: [{ ipBlock: { cidr: '192.0.2.0/32' } }], ports: [{ port: portOf('https') }] },
    { ports: [{ port: portOf('metrics') }] },
  ]);
});
