import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clone } from '#local/layout.ts';
import { Progress } from '#local/progress.ts';
import { Api } from './api.ts';
import { executorImage, KUBECONFIG } from './cluster.ts';
import { describeResult, type Surroundings, withFigures } from './document.ts';
import { scenarios } from './scenarios/index.ts';
import type { Context, Scenario } from './scenarios/scenario.ts';

const HELP = `Usage: node bench/main.ts [flags]

Measures Pinion on the local cluster (make demo) and compares it with empty Jobs of the same run.
Run nothing else on this machine meanwhile. All scenarios with ten rounds take about an hour.

  --scenario NAME   run only this scenario; may be repeated
  --rounds N        rounds of each scenario, of which the median is shown (default 10)
  --write           also write the figures, with the date, into docs/benchmarks.md
  -h, --help        show this help

Environment: CLUSTER=existing with KUBECONFIG measures that cluster instead, without CPU, memory and requests by part.

Scenarios:
${scenarios.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}
`;

const PAGE = join(clone, 'docs', 'benchmarks.md');

/** The flags and the scenarios they choose. @throws TypeError when a flag is unknown or has a wrong value */
function readFlags() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '10' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`--rounds "${values.rounds}" must be a whole number of at least 1`);
  }
  const names = scenarios.map(({ name }) => name);
  const unknown = values.scenario?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`--scenario "${unknown}" is unknown: use one of ${names.join(', ')}`);
  }
  const chosen = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
  return { ...values, rounds, chosen };
}

async function readSurroundings(api: Api): Promise<Surroundings> {
  const { gitVersion } = JSON.parse(await api.text('GET', '/version')) as { gitVersion: string };
  return { date: new Date().toISOString().slice(0, 10), cores: cpus().length, kubernetes: gitVersion };
}

async function measure(
  scenario: Scenario,
  context: Omit<Context, 'progress'>,
  { write, surroundings }: { write: boolean; surroundings: Surroundings },
): Promise<void> {
  const progress = new Progress(process.stderr);
  try {
    const result = await progress.step(scenario.name, () =>
      scenario.run({ ...context, progress: (text) => progress.note(`${scenario.name}: ${text}`) }),
    );
    await publish(scenario, describeResult(result, surroundings), write);
  } finally {
    progress.close();
  }
}

async function publish(scenario: Scenario, text: string, write: boolean): Promise<void> {
  process.stdout.write(`\n## ${scenario.name}: ${scenario.about}\n\n${text}\n\n`);
  if (write) await writeFile(PAGE, withFigures(await readFile(PAGE, 'utf8'), scenario.name, text));
}

/** Runs the scenarios that were chosen and returns the exit code; one that fails does not stop the others. */
async function main(): Promise<number> {
  const { chosen, rounds, write, help } = readFlags();
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const api = await Api.load(KUBECONFIG);
  const image = await executorImage();
  const surroundings = await readSurroundings(api);
  let failed = 0;
  for (const scenario of chosen) {
    try {
      await measure(scenario, { api, image, rounds }, { write, surroundings });
    } catch (error) {
      failed += 1;
      process.stderr.write(`${scenario.name} failed: ${(error as Error).message}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exit(error instanceof TypeError ? 2 : 1);
}
