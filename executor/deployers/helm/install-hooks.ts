import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ChartValues } from '../../render/rendered.ts';

/** Of an archive below charts/; a larger one is not searched. */
const ARCHIVE_LIMIT = 64 * 1024 * 1024;

/**
 * Whether a chart may have a hook of an installation or upgrade. Hooks after it expect the release to be ready, and without
 * `--wait` helm does not wait until the last run's hook is deleted either. Reads what could become an annotation, in the
 * chart, its dependencies and its values, and answers yes when in doubt: helm then waits itself.
 */
export async function mayHaveInstallHooks(
  chart: string,
  { files: valuesFiles, set }: ChartValues,
): Promise<boolean> {
  // A key of --set has its dots escaped.
  if (set.some((expression) => namesInstallHook(expression.replaceAll('\\', '')))) return true;
  const entries = await readdir(chart, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !/\.md$|^NOTES\.txt$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, ...valuesFiles]) {
    const content = await readFile(file);
    const text = /\.(tgz|gz)$/.test(file) ? await unpacked(content) : content.toString('latin1');
    if (text === undefined || namesInstallHook(text)) return true;
  }
  return false;
}

/** All of an archive as one text; undefined when it can't be searched. */
async function unpacked(content: Buffer): Promise<string | undefined> {
  try {
    return (await promisify(gunzip)(content, { maxOutputLength: ARCHIVE_LIMIT })).toString('latin1');
  } catch {
    return undefined;
  }
}

/** Hooks that don't run with an installation or an upgrade. */
const OTHERS = /^((pre|post)-(delete|rollback)|test|test-success|test-failure)$/;

/** Whether a text has the annotation helm.sh/hook with a value other than those hooks: another hook, or a template. */
export function namesInstallHook(text: string): boolean {
  for (const [, rest = ''] of text.matchAll(/helm\.sh\/hook(?![\w-])(.*)/g)) {
    if (/(pre|post)-(install|upgrade)/i.test(rest)) return true;
    const value = /^["']?\s*:\s*["']?([\w\s,-]*?)["']?\s*(?:[,}].*|#.*)?$/.exec(rest)?.[1];
    if (!value?.split(',').every((hook) => OTHERS.test(hook.trim().toLowerCase()))) return true;
  }
  return false;
}
