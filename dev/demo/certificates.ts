import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '#local/layout.ts';
import { issue, newAuthority } from '#local/pki.ts';
import { filesHost, registryHost } from './names.ts';

export type Certificates = { ca: string; certificate: string; key: string };

const KEEP_MS = 30 * 86_400_000;

/** A private CA and one certificate for the demo's two servers; kept, so that a second run changes nothing. */
export async function demoCertificates(): Promise<Certificates> {
  const path = join(layout.root, 'demo', 'certificates.json');
  const made = await stat(path).catch(() => undefined);
  if (made && Date.now() - made.mtimeMs < KEEP_MS)
    return JSON.parse(await readFile(path, 'utf8')) as Certificates;
  const authority = await newAuthority('pinion-demo');
  const dnsNames = [filesHost, registryHost].map((host) => host.replace(/:.*/, ''));
  const { certificate, key } = await issue(authority, { name: 'demo', dnsNames });
  const certificates = { ca: authority.certificate, certificate, key };
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(certificates), { mode: 0o600 });
  return certificates;
}
