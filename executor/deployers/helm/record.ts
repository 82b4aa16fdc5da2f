import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { failureOf, type TargetClient } from '../../target/client.ts';

/** The record of a revision: JSON, gzipped, in base64, and that as the data of a Secret, in base64 again. */
export async function decodeRecord(data: string): Promise<Record<string, unknown>> {
  return JSON.parse(await unpack(data), keepDigits) as Record<string, unknown>;
}

/** The manifests of a revision: first that of its objects, then those of its hooks. @throws Failure */
export async function readManifests(
  client: TargetClient,
  namespace: string,
  release: string,
  revision: number,
): Promise<string[]> {
  const name = recordName(release, revision);
  const answer = await client.request('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`);
  if (answer.code !== 200) throw failureOf(answer, `record ${name} of the release`);
  return manifestsOf((answer.body['data'] as { release?: string }).release ?? '');
}

/** The manifests that a record holds, of its objects and of its hooks. */
export async function manifestsOf(data: string): Promise<string[]> {
  const record = JSON.parse(await unpack(data)) as {
    manifest?: string;
    hooks?: { manifest?: string }[] | null;
  };
  return [record, ...(record.hooks ?? [])].map(({ manifest }) => manifest ?? '');
}

async function unpack(data: string): Promise<string> {
  const packed = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
  const text = await promisify(gunzip)(packed, { maxOutputLength: 256 * 1024 * 1024 });
  return text.toString('utf8');
}

/** The other way. */
export async function encodeRecord(record: Record<string, unknown>): Promise<string> {
  const packed = await promisify(gzip)(JSON.stringify(record));
  return Buffer.from(packed.toString('base64'), 'latin1').toString('base64');
}

/** Numbers that JavaScript would write differently are written as they were: values belong to the chart. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(source);
}

/** Name of the Secret that is the record of a revision. */
export const recordName = (release: string, revision: number) => `sh.helm.release.v1.${release}.v${revision}`;
