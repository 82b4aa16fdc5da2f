import { systemClock } from '#kube/clock.ts';
import { aborted, runProgram } from '#kube/program.ts';
import { readConfig } from './config.ts';
import { startWebhook } from './webhook.ts';

await runProgram('webhook', readConfig(process.argv.slice(2)), async ({ stop, ...context }) => {
  const webhook = await startWebhook({ ...context, clock: systemClock });
  await aborted(stop.signal);
  await webhook.stop();
  return 0;
});
