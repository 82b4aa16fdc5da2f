import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { get, tryKubectl } from '#test/kubectl.ts';
import { createPod } from '../executor/pod.ts';

const charts = resolve('deploy/catalogue/charts');
const pinion = {
  dnsAddress: '10.96.0.10',
  clusterDomain: 'cluster.local',
  konnectivity: { host: '192.0.2.1', port: 30002 },
  images: {
    coredns: 'example.com/coredns:1',
    konnectivityAgent: 'example.com/agent:1',
    metricsServer: 'example.com/metrics:1',
    nodeLocalDns: 'example.com/cache:1',
  },
};
const facts = JSON.stringify({ global: { pinion } });
const template = (name: string, input: string) =>
  execa('.local/bin/helm', ['template', name, join(charts, name), '--namespace=kube-system', '--values=-'], {
    input,
    reject: false,
  });

const NAMES = ['coredns', 'apiserver-network-proxy', 'node-local-dns', 'metrics-server'];

test.each(NAMES)('an API server accepts all objects of the chart %s', async (name) => {
  const { stdout } = await template(name, facts);
  const { ok, stderr } = await tryKubectl(
    ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
    stdout,
  );
  expect({ ok, stderr }).toEqual({ ok: true, stderr: '' });
});

test.each(NAMES)(
  'the chart %s fails in an existing cluster, and says which clusters it is for',
  async (name) => {
    const { stderr, failed } = await template(name, '{}');
    expect(failed).toBe(true);
    expect(stderr).toMatch(/this plugin is for managed clusters/);
  },
);

test('the executor installs a chart that its image contains', async () => {
  const pod = await createPod();
  await symlink(charts, join(pod.directory, 'catalogue'));
  const install: WorkOrder['install'] = {
    kind: 'chart',
    chart: { slot: 'catalogue', path: 'coredns' },
    releaseName: 'coredns',
    valuesFiles: [{ from: 'order', key: 'facts.yaml', secret: false }],
    wait: false,
  };
  await pod.order({ targetNamespace: 'catalogue-dns', install }, { 'facts.yaml': facts });
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', chartVersion: expect.any(String) });
  expect(await get('service', 'kube-dns', 'catalogue-dns')).toMatchObject({
    spec: { clusterIP: pinion.dnsAddress },
  });
});

test('the executor names a chart that its image lacks, and those that it has', async () => {
  const pod = await createPod();
  await symlink(charts, join(pod.directory, 'catalogue'));
  const chart = { slot: 'catalogue' as const, path: 'unheard-of' };
  await pod.order({ install: { kind: 'chart', chart, releaseName: 'a', valuesFiles: [], wait: false } });
  const { report } = await pod.start('run').ended;
  expect(report).toMatchObject({ reason: 'SourceInvalid', message: expect.stringContaining('coredns') });
});
