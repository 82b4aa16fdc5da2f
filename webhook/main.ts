import { pino } from 'pino';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { loadConnection } from '#kube/connection.ts';
import { type Config, HELP, readConfig } from './config.ts';
import { startWebhook } from './webhook.ts';

function readConfigOrExit(): Config {
  try {
    const config = readConfig(process.argv.slice(2));
    if (config !== 'help') return config;
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const config = readConfigOrExit();
const log = pino({ level: config.logLevel, base: { program: 'webhook' } });
const client = new KubeClient(await loadConnection(process.env));
const webhook = await startWebhook({ config, client, clock: systemClock, log });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'shutting down');
    void webhook.stop().then(() => process.exit(0));
  });
}
