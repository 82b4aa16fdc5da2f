import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { fileServer } from '#dev/demo/servers.ts';
import { issue, newAuthority } from '#local/pki.ts';
import type { Manifest } from '#test/builders.ts';
import { FILES_HOST, FILES_SECRET, NAMESPACE } from './names.ts';

/** A real HTTPS server in the cluster that serves one of the charts as an archive. */
export async function serveFiles(
  image: string,
  charts: Record<string, string>,
  chart: string,
): Promise<Manifest[]> {
  const authority = await newAuthority('pinion-bench');
  const { certificate, key } = await issue(authority, { name: 'files', dnsNames: [FILES_HOST] });
  return fileServer({
    namespace: NAMESPACE,
    credentials: FILES_SECRET,
    certificates: { ca: authority.certificate, certificate, key },
    files: { [`${chart}.tgz`]: await pack(charts, chart) },
    image,
  });
}

async function pack(charts: Record<string, string>, chart: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'pinion-bench-'));
  try {
    for (const [path, text] of Object.entries(charts)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const archive = join(folder, 'chart.tgz');
    await execa('tar', ['-czf', archive, '-C', join(folder, chart), '.']);
    return await readFile(archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}
