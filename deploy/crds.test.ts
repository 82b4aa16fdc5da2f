import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { customResourceDefinitions } from '#api/kinds/crd.ts';
import { crdFiles } from './crd-files.ts';

const directory = join(import.meta.dirname, 'crds');

test('the committed CRDs equal those of the schemas (else: npm run generate)', async () => {
  const wanted = crdFiles();
  expect((await readdir(directory)).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, text] of Object.entries(wanted)) {
    expect(await readFile(join(directory, name), 'utf8'), name).toBe(text);
  }
});

type Schema = {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-int-or-string'?: true;
  maxItems?: number;
  maxLength?: number;
  maxProperties?: number;
  enum?: unknown[];
  format?: string;
};
type Definition = { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } };

/** Every schema below, with its path. */
function* walk(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* walk(inner, `${path}.${name}`);
  if (schema.items) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* walk(schema.additionalProperties, `${path}{}`);
}

const schemas = Object.values(customResourceDefinitions()).flatMap((definition) =>
  (definition as Definition).spec.versions.flatMap(({ schema }) => [...walk(schema.openAPIV3Schema, '')]),
);
const own = schemas.filter(([path]) => !/^(\.(apiVersion|kind|metadata))?$/.test(path));

test('every field of a CRD has a description', () => {
  const without = own.filter(([path, { description }]) => !/[\]}]$/.test(path) && !description);
  expect(without.map(([path]) => path)).toEqual([]);
});

test('every schema of a CRD has a type, or is marked as typeless', () => {
  const without = own.filter(
    ([, one]) =>
      !one.type && !one['x-kubernetes-preserve-unknown-fields'] && !one['x-kubernetes-int-or-string'],
  );
  expect(without.map(([path]) => path)).toEqual([]);
});

test('every list, map and string of a CRD has a bound', () => {
  const unbounded = own.filter(([, one]) => {
    if (one.type === 'array') return one.maxItems === undefined;
    if (one.type === 'string') return one.maxLength === undefined && !one.enum && one.format !== 'date-time';
    return one.additionalProperties !== undefined && one.maxProperties === undefined;
  });
  expect(unbounded.map(([path]) => path)).toEqual([]);
});
