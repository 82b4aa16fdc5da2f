/**
 * `make test`: runs check, then all tests in one run of vitest. It ends with the line `N passed, N failed, N skipped`;
 * a failed check counts as one failed test, and its output stands right above that line.
 * `PROJECTS="unit integration"` runs only those.
 */
import { execa } from 'execa';
import { linkToolsOfPath } from '#dev/cluster/tools.ts';
import { buildPrograms } from '#local/builds.ts';
import { Progress } from '#local/progress.ts';

const ALL = ['unit', 'integration', 'e2e'];

const projects = process.env['PROJECTS']?.split(/[\s,]+/).filter(Boolean) ?? ALL;
const show = (file: string, args: string[], env: Record<string, string> = {}) =>
  execa(file, args, { stdio: 'inherit', reject: false, env });

/** Lines of the check's output that are shown: enough for its errors, and small enough for an environment variable. */
const CHECK_LINES = 60;
const both = ['inherit', 'pipe'] as const;
const check = await execa('npm', ['run', '--silent', 'check'], {
  stdin: 'inherit',
  stdout: both,
  stderr: both,
  all: true,
  reject: false,
});
if (projects.includes('integration')) {
  const progress = new Progress();
  await progress.step('Go programs (Kubernetes, tools, networks, volumes)', buildPrograms);
  progress.close();
} else if (process.env['CLUSTER'] === 'existing') await linkToolsOfPath();
const tests = await show(
  'vitest',
  ['run', ...projects.flatMap((name) => ['--project', name])],
  check.failed ? { CHECK_FAILED: check.all.split('\n').slice(-CHECK_LINES).join('\n') } : {},
);
process.exitCode = tests.failed || check.failed ? 1 : 0;
