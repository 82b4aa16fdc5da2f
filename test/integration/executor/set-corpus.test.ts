import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { checkValues } from '#api/payloads/values.ts';
import { helmValues, type Layer } from '#executor/render/values.ts';
import { aReader, BIN } from './reader.ts';
import { ACCEPTED, REFUSED } from './set-corpus.ts';

/** Prints each value with the type that templates see: an integer is another thing than a float. */
const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
{{- range $key, $value := .Values }}
  {{ $key | quote }}: {{ include "show" $value | quote }}
{{- end }}
{{- define "show" -}}
{{- if kindIs "map" . }}{ {{- range $key, $value := . }}{{ $key | quote }}: {{ include "show" $value }}, {{ end -}} }
{{- else if kindIs "slice" . }}[ {{- range . }}{{ include "show" . }}, {{ end -}} ]
{{- else }}{{ kindOf . }} {{ . | toJson }} {{ . | toString | quote }}{{ end }}
{{- end }}
`;

async function aChart(directory: string): Promise<string> {
  const chart = join(directory, 'chart');
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: show\nversion: 1.0.0\n');
  await writeFile(join(chart, 'templates/a.yaml'), TEMPLATE);
  return chart;
}

const helm = (chart: string, args: string[]) =>
  execa(join(BIN, 'helm'), ['template', 'a', chart, ...args], { reject: false });

const flags = (name: string, values: readonly string[]) => values.flatMap((value) => [name, value]);

test('at least 200 expressions of a list of values mean what helm --set makes of them', async () => {
  expect(ACCEPTED.length).toBeGreaterThan(200);
  const { context, directory } = await aReader();
  const chart = await aChart(directory);
  const set = ACCEPTED.map(({ expression }) => expression);
  const { files, set: again } = await helmValues(context, [{ set }]);
  const theirs = await helm(chart, flags('--set', set));
  const ours = await helm(chart, [...flags('--values', files), ...flags('--set', again)]);
  expect(theirs.stderr).toBe('');
  expect(theirs.stdout).toContain('e10"');
  expect(ours.stdout.split('\n')).toEqual(theirs.stdout.split('\n'));
  expect(ours.stderr).toBe('');
  for (const expression of set) expect(() => checkValues([expression])).not.toThrow();
});

test('a list that follows files of values changes them as helm --set does', async () => {
  const { context, directory } = await aReader();
  const chart = await aChart(directory);
  const file = join(directory, 'given.yaml');
  await writeFile(file, 'l: [{a: 1, b: x}, 2]\nm: {n: 1234567, o: yes}\ngone: {a: 1}\ntext: "1"\n');
  const set = ['l[0].b=y', 'l[2]=12345678', 'm.o=False', 'gone=null', 'text=2'];
  const { files, set: again } = await helmValues(context, [{ file }, { set }]);
  const theirs = await helm(chart, ['--values', file, ...flags('--set', set)]);
  const ours = await helm(chart, [...flags('--values', files), ...flags('--set', again)]);
  expect(ours).toMatchObject({ stdout: theirs.stdout, stderr: '', exitCode: 0 });
});

test('a file of values that follows a list wins over it', async () => {
  const { context, directory } = await aReader();
  const chart = await aChart(directory);
  const file = join(directory, 'stronger.yaml');
  await writeFile(file, 'a: 5\nb: {c: file}\n');
  const layers: Layer[] = [{ set: ['a=12345678', 'b.c=list', 'b.d=12345678'] }, { file }];
  const { files, set } = await helmValues(context, layers);
  const { stdout } = await helm(chart, [...flags('--values', files), ...flags('--set', set)]);
  expect(stdout).toContain('"a": "float64 5 ');
  expect(stdout).toContain('\\"c\\": string \\"file\\"');
  expect(stdout).toContain('\\"d\\": int64 12345678');
});

test('values without a list run nothing and are given to helm as they are', async () => {
  const { context } = await aReader();
  const run = () => Promise.reject(new Error('no process is needed'));
  const layers = [{ file: '/a.yaml' }, { file: '/b.yaml' }];
  expect(await helmValues({ ...context, run }, layers)).toEqual({ files: ['/a.yaml', '/b.yaml'], set: [] });
});

test.concurrent.for(REFUSED)('a list with %j is refused, as helm refuses it', async (expression) => {
  const { context, directory } = await aReader();
  const theirs = await helm(await aChart(directory), ['--set', expression]);
  expect(theirs.stderr).toContain('failed parsing --set data');
  const why = theirs.stderr.replace(/^Error: failed parsing --set data: /, '').trim();
  const message = /interface conversion/.test(why) ? 'it sets a key of something that is no mapping' : why;
  const failure = { reason: 'RenderFailed', message: expect.stringContaining(message) };
  await expect(helmValues(context, [{ set: [expression] }])).rejects.toMatchObject(failure);
});
