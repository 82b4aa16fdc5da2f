import { expect, test } from 'vitest';
import { LOG_FORMAT_ENVIRONMENT, LOG_FORMATS } from '#api/contract/job.ts';
import { cluster, content, plugin } from '#test/observed.ts';
import { buildJob } from './build-job.ts';

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
