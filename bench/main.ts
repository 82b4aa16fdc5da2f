import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clone } from '#local/layout.ts';
import { Api } from './api.ts';
import { executorImage, KUBECONFIG } from './cluster.ts';
import { describeResult, type Surroundings, withFigures } from './document.ts';
import { scenarios } from './scenarios/index.ts';
import type { Context, Scenario } from './scenarios/scenario.ts';

const HELP = `Usage: node bench/main.ts [flags]

Measures Pinion on the local cluster (make demo), against empty Jobs of the same run where that has a meaning.

  --scenario NAME   only this one; may be repeated
  --rounds N        rounds of each, of which the median is told (10)
  --write           also write the figures, with the date, into docs/benchmarks.md

Scenarios:
${scenarios.map(({ name, about }) => `  ${name.padEnd(17)} ${about}`).join('\n')}
`;

const PAGE = join(clone, 'docs', 'benchmarks.md');

/** @throws TypeError for a flag that is unknown or has a wrong value. */
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
    throw new TypeError(`--scenario "${unknown}" is none of ${names.join(', ')}`);
  }
  const chosen = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
  return { ...values, rounds, chosen };
}

async function surroundings(api: Api): Promise<Surroundings> {
  const { gitVersion } = JSON.parse(await api.text('GET', '/version')) as { gitVersion: string };
  return { date: new Date().toISOString().slice(0, 10), cores: cpus().length, kubernetes: gitVersion };
}

async function measure(
  scenario: Scenario,
  context: Omit<Context, 'progress'>,
  { write, on }: { write: boolean; on: Surroundings },
): Promise<void> {
  const began = Date.now();
  const progress = (text: string) =>
    process.stderr.write(
      `${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${scenario.name}: ${text}\n`,
    );
  const result = await scenario.run({ ...context, progress });
  const text = describeResult(result, on);
  process.stdout.write(`\n## ${scenario.name}: ${scenario.about}\n\n${text}\n\n`);
  if (write) await writeFile(PAGE, withFigures(await readFile(PAGE, 'utf8'), scenario.name, text));
}

/** A scenario that fails does not stop the others. */
async function main(): Promise<number> {
  const { chosen, rounds, write, help } = readFlags();
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const api = await Api.load(KUBECONFIG);
  const image = await executorImage();
  const on = await surroundings(api);
  let failed = 0;
  for (const scenario of chosen) {
    try {
      await measure(scenario, { api, image, rounds }, { write, on });
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
