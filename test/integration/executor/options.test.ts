import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { get } from '#test/kubectl.ts';
import { createPod } from './pod.ts';

const FACTS = '{"global":{"pinion":{"dnsAddress":"10.112.0.10"}}}';

async function install(
  release: string,
  chartFiles: Record<string, string>,
  options: Record<string, string> = {},
) {
  const pod = await createPod();
  const template = `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${release}}, data: {given: {{ .Values | toJson | quote }}}}`;
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: strict\nversion: 0.1.0\n',
    'templates/map.yaml': template,
    ...chartFiles,
  };
  await pod.sources(Object.fromEntries(Object.entries(files).map(([name, text]) => [`chart/${name}`, text])));
  const withOptions = Object.keys(options).length > 0;
  const payload: WorkOrder['install'] = {
    kind: 'chart',
    chart: { slot: 'chart', path: '' },
    releaseName: release,
    valuesFiles: [
      { from: 'order', key: 'facts.yaml', secret: false, ifNamed: 'global.pinion' },
      ...(withOptions ? [{ from: 'order' as const, key: 'options.yaml', secret: false }] : []),
    ],
    wait: false,
  };
  const values = { 'facts.yaml': FACTS, 'options.yaml': JSON.stringify({ global: options }) };
  await pod.order({ targetNamespace: 'chart-options', install: payload, options }, values);
  const { report, log } = await pod.start('run').ended;
  const map = await get<{ data: { given: string } }>('configmap', release, 'chart-options').catch(
    () => undefined,
  );
  return { report, log, given: map && (JSON.parse(map.data.given) as Record<string, unknown>) };
}

const strict = (properties: object) =>
  JSON.stringify({ type: 'object', additionalProperties: false, properties });

test('a chart whose schema allows its own keys only is installed in a managed cluster', async () => {
  const { report, log, given } = await install('own-keys', {
    'values.yaml': 'greeting: hello',
    'values.schema.json': strict({ greeting: { type: 'string' } }),
  });
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(given).toEqual({ greeting: 'hello' });
});

test('a chart without a schema that names no facts gets none', async () => {
  const { given } = await install('no-facts', { 'values.yaml': 'greeting: hello' });
  expect(given).toEqual({ greeting: 'hello' });
});

test('a chart that names the facts of a cluster gets them', async () => {
  const { given } = await install('with-facts', { 'values.yaml': 'global: {pinion: {dnsAddress: ""}}' });
  expect(given).toEqual({ global: { pinion: { dnsAddress: '10.112.0.10' } } });
});

test.for([
  [
    'global',
    'refuses-global',
    strict({ greeting: {} }),
    /^the chart refuses global\.region, global\.size, which pluginOptions/,
    'spec.options: []',
  ],
  [
    'one option',
    'refuses-one',
    strict({ greeting: {}, global: { additionalProperties: false, properties: { region: {} } } }),
    /^the chart refuses global\.size, which pluginOptions .*\(size\)/,
    'spec.options: [region]',
  ],
  [
    'the type of an option',
    'refuses-type',
    strict({ greeting: {}, global: { properties: { region: { type: 'integer' } } } }),
    /^the chart refuses global\.region,/,
    'spec.options: [size]',
  ],
] as const)(
  'a chart that refuses %s of a cluster is told so by the name of the option',
  async ([, name, schema, says, remedy]) => {
    const files = { 'values.yaml': 'greeting: hello', 'values.schema.json': schema };
    const { report, log } = await install(name, files, { region: 'north', size: 'large' });
    expect(report?.reason, log).toBe('RenderFailed');
    expect(report?.message).toMatch(says);
    expect(report?.message).toContain(remedy);
  },
);
