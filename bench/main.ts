import { parseArgs } from 'node:util';
import { admissionLatency } from './admission.ts';
import { Api, median } from './api.ts';
import { chartPlugin, executorImage, KUBECONFIG, prepare, sweep } from './cluster.ts';
import { emptyJobs, equip } from './scenario.ts';
import { profile, residentMebibytes } from './usage.ts';

const HELP = `Measures Pinion on the local cluster against empty Jobs of the same run.

  --rounds N   rounds per figure, of which the median is printed (default 10)
`;

type Row = { what: string; seconds: number; baseline: number; aim: string };

/** Pairs each round of `work` with a round of the baseline, so that a slower moment of the machine hits both. */
async function compare(
  what: string,
  aim: string,
  rounds: number,
  baseline: (run: string) => Promise<number>,
  work: (run: string) => Promise<number>,
): Promise<Row> {
  const base: number[] = [];
  const own: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const run = `${Date.now().toString(36)}${i}`;
    base.push(await baseline(run));
    own.push(await work(run));
    await sweep();
    process.stderr.write(
      `${what}: ${i + 1}/${rounds}, ${own.at(-1)?.toFixed(2)} s to ${base.at(-1)?.toFixed(2)} s\n`,
    );
  }
  return { what, seconds: median(own), baseline: median(base), aim };
}

const print = (row: Row) =>
  console.log(
    `| ${row.what} | ${row.seconds.toFixed(2)} | ${row.baseline.toFixed(2)} | ${(row.seconds / row.baseline).toFixed(2)} | ${row.aim} |`,
  );

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) return console.log(HELP);
  const rounds = Number(values.rounds ?? 10);
  const api = await Api.load(KUBECONFIG);
  const image = await executorImage();
  await prepare(image);
  const one = (run: string) => emptyJobs(api, image, 1, run);
  const twenty = (run: string) => emptyJobs(api, image, 20, run);
  const plugins = (chart: 'bare' | 'pod', count: number) => (run: string) =>
    equip(
      api,
      Array.from({ length: count }, () => chartPlugin(chart, image)),
      run,
    );
  await one('warmup');
  await plugins('pod', 1)('warmup');
  await sweep();
  console.log('| what | seconds | empty Jobs | ratio | aim |\n|---|---|---|---|---|');
  print(await compare('one plugin from a PV, one-pod Deployment', '0.8–1.0', rounds, one, plugins('pod', 1)));
  print(await compare('20 plugins at once, no pods', '1.25–1.4', rounds, twenty, plugins('bare', 20)));
  let used: Record<string, number> = {};
  const measured = async (run: string) => {
    let seconds = 0;
    used = await profile(async () => {
      seconds = await plugins('pod', 20)(run);
    });
    return seconds;
  };
  print(
    await compare('20 plugins at once, a one-pod Deployment each', 'CPU below', rounds, twenty, measured),
  );
  console.log(
    `\nCPU seconds of the last round of 20: ${JSON.stringify(used, (_, value) => (typeof value === 'number' ? Number(value.toFixed(1)) : value))}`,
  );
  const latency = await admissionLatency(image);
  console.log(
    `Webhook at 200 requests/s: p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms (aim 15), ${latency.good} of 2000 answered`,
  );
  for (const [pod, mebibytes] of Object.entries(await residentMebibytes())) {
    console.log(`Resident ${pod}: ${mebibytes.toFixed(0)} MiB`);
  }
}

await main();
