import type { KubeClient } from '#kube/client.ts';
import { type Clock, sleep } from '#kube/clock.ts';
import { startHealthServer } from '#kube/health-server.ts';
import { Informer } from '#kube/informer.ts';
import { close, listen } from '#kube/listen.ts';
import type { Log } from '#kube/log.ts';
import { virtualClusterPlugins } from '#kube/resources.ts';
import { admissionApp } from './admission/app.ts';
import { admissionServer } from './admission-server.ts';
import { CertificateKeeper } from './certificates/keeper.ts';
import type { Config } from './config.ts';
import { Metrics } from './metrics.ts';
import { jobReviewer } from './mutate-jobs.ts';
import { ObjectReader } from './object-reader.ts';
import { pluginReader, slimPlugin } from './plugin-reader.ts';
import { referenceChecker } from './references.ts';
import { kindReviewer } from './validate-kinds.ts';

export type Webhook = { port: number; metricsPort: number; stop: () => Promise<void> };

/** Until then API servers still call this replica: its removal from the endpoints takes time. */
const DRAIN_MS = 3_000;
const GRACE_MS = 5_000;

/** Starts everything; resolves when both ports listen, which may be before the webhook is ready. */
export async function startWebhook(deps: {
  config: Config;
  client: KubeClient;
  clock: Clock;
  log: Log;
  drainMs?: number;
}): Promise<Webhook> {
  const { config, client, clock, log, drainMs = DRAIN_MS } = deps;
  const { settings, operatorAccount, namespace, dnsNames, configuration, clientCa } = config;
  const stopping = new AbortController();
  const metrics = new Metrics({ process: true });
  const informer = new Informer({
    client,
    resource: virtualClusterPlugins,
    clock,
    log,
    transform: slimPlugin,
  });
  const plugins = pluginReader(informer, client);

  const app = admissionApp(reviewers({ plugins, settings, operatorAccount, client, clock }), {
    metrics,
    log,
  });
  const { server, serveWith } = admissionServer(app, { clientCa });
  const keeper = new CertificateKeeper({
    client,
    clock,
    log,
    namespace,
    dnsNames,
    configuration,
    onServing({ leaf, caUntil, leafUntil }) {
      serveWith(leaf);
      metrics.certificateExpires('ca', caUntil);
      metrics.certificateExpires('leaf', leafUntil);
    },
  });
  const notReady = () => [
    ...(stopping.signal.aborted ? ['shutting down'] : []),
    ...(informer.hasSynced ? [] : ['plugins are not in the cache yet']),
    ...(keeper.isPublished ? [] : ['the CA is not in the webhook configurations yet']),
  ];
  const { registry } = metrics;
  const health = await startHealthServer({ port: config.metricsPort, registry, notReady });
  const running = [informer.run(stopping.signal), keeper.run(stopping.signal)];
  const ports = { port: await listen(server, config.port), metricsPort: health.port };
  log.info({ ...ports, settings, clientCertificates: clientCa !== undefined }, 'listening');
  return {
    ...ports,
    async stop() {
      stopping.abort();
      await sleep(clock, drainMs);
      await Promise.all([close(server, GRACE_MS), health.close(), ...running]);
      client.close();
    },
  };
}

/** What is reviewed, by the path that the API server calls. */
function reviewers({
  plugins,
  settings,
  operatorAccount,
  client,
  clock,
}: Pick<Config, 'settings' | 'operatorAccount'> & {
  plugins: ReturnType<typeof pluginReader>;
  client: KubeClient;
  clock: Clock;
}) {
  const reader = new ObjectReader({ client, clock });
  return {
    '/mutate/jobs': jobReviewer({ plugins, settings, operatorAccount, clock }),
    '/validate/kinds': kindReviewer({ settings, checkReferences: referenceChecker({ reader, clock }) }),
  };
}
