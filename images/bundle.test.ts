import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { bundle } from './bundle.ts';

test('the bundled executor runs outside the clone, without node_modules', async () => {
  const target = await mkdtemp(join(tmpdir(), 'pinion-bundle-'));
  onTestFinished(() => rm(target, { recursive: true, force: true }));
  await bundle(process.cwd(), 'executor/main.ts', target);
  const files = (await readdir(target)).filter((file) => file.endsWith('.js'));
  // As the image's build does, so that a file with an import that can't be resolved fails here.
  const script = `for (const file of ${JSON.stringify(files)}) if (file !== 'main.js') await import('${target}/' + file)`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: target });
  const { stdout } = await promisify(execFile)(process.execPath, [join(target, 'main.js'), '--help']);
  expect(stdout).toContain('carry out the action of the work order');
  // Each command and each kind is a file of its own.
  expect(files.length).toBeGreaterThan(10);
});
