/** Writes deploy/crds from the zod schemas in api/: `npm run generate`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdFiles } from './crd-files.ts';

const directory = join(import.meta.dirname, 'crds');
await mkdir(directory, { recursive: true });
for (const [name, text] of Object.entries(crdFiles())) {
  await writeFile(join(directory, name), text);
  console.log(`wrote deploy/crds/${name}`);
}
