import { expect, test } from 'vitest';
import { LOG_FORMAT_ENVIRONMENT, LOG_FORMATS } from '#api/contract/job.ts';
import { cluster, content, plugin } from '#test/observed.ts';
import { buildJob } from './build-job.ts';
import { OPT_OUT } from './opt-out.ts';

test.for(LOG_FORMATS)('buildJob has the executor log as %s', (logFormat) => {
  const { spec } = buildJob({
    name: 'j',
    cluster: cluster(),
    plugin: plugin(),
    content: content(),
    executor: { image: 'pinion/executor', logFormat },
    settings: {},
  });
  const { containers } = spec.template.spec as unknown as {
    containers: { env: { name: string; value?: string }[] }[];
  };
  const format = containers[0]?.env.find(({ name }) => name === LOG_FORMAT_ENVIRONMENT)?.value ?? 'text';
  expect(format).toBe(logFormat);
});

test('buildJob declines the sidecars of the usual injectors, on the pod and not on the Job, unless the administrator asks for one', () => {
  const { metadata, spec } = buildJob({
    name: 'j',
    cluster: cluster(),
    plugin: plugin(),
    content: content(),
    executor: { image: 'pinion/executor', logFormat: 'text' },
    settings: { labels: { 'kuma.io/sidecar-injection': 'enabled' } },
  });
  const labels = { ...OPT_OUT.labels, 'kuma.io/sidecar-injection': 'enabled' };
  expect(spec.template['metadata']).toMatchObject({ ...OPT_OUT, labels });
  expect(metadata.labels).not.toHaveProperty('sidecar.istio.io/inject');
  expect(metadata.annotations).not.toHaveProperty('linkerd.io/inject');
});
