import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readManifests } from '#executor/render/manifests.ts';
import { textOf } from '#executor/source/text-of.ts';
import { kubectl, tryKubectl } from '#test/kubectl.ts';
import { ACCEPTED, SHEET } from './manifest-corpus.ts';
import { REFUSED } from './manifest-refusals.ts';
import { createPod } from './pod.ts';
import { aReader } from './reader.ts';

const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;

beforeAll(async () => {
  await kubectl(['apply', '-f', '-'], SHEET);
  await kubectl(['wait', '--for=condition=Established', 'crd/sheets.corpus.example.com']);
  await kubectl(['create', 'namespace', 'corpus-kubectl']);
});

type Sheet = {
  metadata: { name: string; labels?: object; annotations?: Record<string, string> };
  spec?: object;
};

/** What kubectl writes down of its own. */
const OWN = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * By name, what an author may say of an object; numbers with the digits that were printed. A field that is null is left out:
 * kubectl's client-side apply doesn't send it, and server-side apply, which reads fewer texts, does.
 */
function byName(list: string): Record<string, unknown> {
  const digits = (_key: string, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === 'number' ? `number ${source}` : (value ?? undefined);
  const { items } = JSON.parse(list, digits as (key: string, value: unknown) => unknown) as {
    items: Sheet[];
  };
  return Object.fromEntries(
    items.map(({ metadata: { name, labels, annotations = {} }, spec }) => {
      const { [OWN]: _, ...written } = annotations;
      return [name, { labels, annotations: written, spec }];
    }),
  );
}

test('at least 200 files of manifests mean in the target what kubectl apply makes of the same bytes', async () => {
  expect(ACCEPTED.length).toBeGreaterThan(200);
  const pod = await createPod();
  await pod.sources(Object.fromEntries(ACCEPTED.map(({ name, content }) => [`yaml/${name}.yaml`, content])));
  await pod.order({ targetNamespace: 'corpus-pinion', install });
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe('Succeeded');

  const directory = join(pod.directory, 'sources/yaml');
  const flags = ['--dry-run=server', '-n', 'corpus-kubectl', '-o', 'json'];
  const theirs = byName(await kubectl(['apply', ...flags, '-f', directory]));
  const ours = byName(await kubectl(['get', 'sheets', '-n', 'corpus-pinion', '-o', 'json']));
  const about = (objects: Record<string, unknown>) =>
    ACCEPTED.map(({ about, name }) => `${about}: ${JSON.stringify(objects[name])}`);
  expect(about(ours)).toEqual(about(theirs));
});

test('what kubectl refuses to read is refused, with file and document', async () => {
  const { context, directory } = await aReader();
  await mkdir(join(directory, 'refused'));
  for (const [index, [, content]] of REFUSED.entries()) {
    await writeFile(join(directory, 'refused', `${index}.yaml`), content);
  }
  const flags = ['--dry-run=server', '-n', 'corpus-kubectl', '-o', 'name'];
  const theirs = await tryKubectl(['apply', ...flags, '-f', join(directory, 'refused')]);
  expect(theirs).toMatchObject({ ok: false, stdout: '' });

  const accepted: string[] = [];
  for (const [about, content] of REFUSED) {
    const read = async () =>
      readManifests(context, [{ file: 'a.yaml', text: textOf(Buffer.from(content), 'a.yaml') }]);
    const failure = await read().then(
      () => undefined,
      (error: Error & { reason: string }) => error,
    );
    if (failure?.reason !== 'SourceInvalid' || !/^a\.yaml(: line|, document) \d/.test(failure.message)) {
      accepted.push(`${about}: ${failure?.message}`);
    }
  }
  expect(accepted).toEqual([]);
});
