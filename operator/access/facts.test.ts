import { expect, test } from 'vitest';
import { COMPONENT_NAMES, type ComponentImages } from '#operator/host/component-images.ts';
import { factsOf, factValues } from './facts.ts';
import type { Tenant } from './tenant.ts';

const network = {
  podRange: '10.200.0.0/16',
  serviceRange: '10.112.0.0/16',
  dnsAddress: '10.112.0.10',
  clusterDomain: 'cluster.local',
};
const tenant: Tenant = {
  target: { server: 'https://tenant.example', insecureSkipTlsVerify: false },
  client: {} as Tenant['client'],
  apiServer: { host: '192.0.2.1', port: 30001 },
  konnectivity: { host: '192.0.2.1', port: 30002 },
  caBundle: 'PEM',
  network,
};
const imagesOf = (tag: string) =>
  Object.fromEntries(COMPONENT_NAMES.map((name) => [name, `example.com/${name}:${tag}`])) as ComponentImages;
const facts = factsOf(tenant, imagesOf('v1'));

test('factValues gives every chart the network, which never changes', () => {
  expect(factValues(facts, false)).toEqual(network);
});

test('factValues gives charts of the catalogue the images and the konnectivity endpoint as well', () => {
  expect(factValues(facts, true)).toEqual({
    ...network,
    konnectivity: tenant.konnectivity,
    images: {
      coredns: 'example.com/coredns:v1',
      konnectivityAgent: 'example.com/konnectivity-agent:v1',
      metricsServer: 'example.com/metrics-server:v1',
      nodeLocalDns: 'example.com/node-local-dns:v1',
    },
  });
});

test.each<[string, Partial<Tenant>, string]>([
  ['certificates are renewed', { caBundle: 'PEM and another' }, 'v1'],
  ['the admin credentials are renewed', { target: { ...tenant.target, token: 'new' } }, 'v1'],
])('facts stay the same, so that no plugin is reinstalled, when %s', (_what, change, tag) => {
  expect(factsOf({ ...tenant, ...change }, imagesOf(tag))).toEqual(facts);
});

test('a new image of Pinion changes the facts of catalogue plugins only', () => {
  const updated = factsOf(tenant, imagesOf('v2'));
  expect(factValues(updated, false)).toEqual(factValues(facts, false));
  expect(factValues(updated, true)).not.toEqual(factValues(facts, true));
});
