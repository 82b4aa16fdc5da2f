import type { KubeClient } from '#kube/client.ts';
import { type Clock, sleep } from '#kube/clock.ts';
import { Informer } from '#kube/informer.ts';
import type { Log } from '#kube/log.ts';
import { virtualClusterPlugins } from '#kube/resources.ts';
import { admissionApp } from './admission/app.ts';
import { CertificateKeeper } from './certificates/keeper.ts';
import type { Config } from './config.ts';
import { Metrics } from './metrics.ts';
import { jobReviewer } from './mutate-jobs.ts';
import { ObjectReader } from './object-reader.ts';
import { pluginReader, slimPlugin } from './plugin-reader.ts';
import { referenceChecker } from './references.ts';
import { admissionServer, close, healthApp, healthServer, listen } from './servers.ts';
import { kindReviewer } from './validate-kinds.ts';

export type Webhook = { port: number; metricsPort: number; stop: () => Promise<void> };

/** Time for endpoints to drop this replica before it stops listening. */
const DRAIN_MS = 3_000;
const GRACE_MS = 5_000;

/** Starts the webhook; resolves when both ports listen, which may be before it is ready. */
export async function startWebhook(of: {
  config: Config;
  client: KubeClient;
  clock: Clock;
  log: Log;
  drainMs?: number;
}): Promise<Webhook> {
  const { config, client, clock, log, drainMs = DRAIN_MS } = of;
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

  const { server, serveWith } = admissionServer(
    admissionApp(
      {
        '/mutate/jobs': jobReviewer({ plugins, settings, operatorAccount, clock }),
        '/validate/kinds': kindReviewer({
          settings,
          checkReferences: referenceChecker({ reader: new ObjectReader({ client, clock }), clock }),
        }),
      },
      { metrics, log },
    ),
    { clientCa },
  );
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
    ...(informer.hasSynced ? [] : ['the cache of plugins has not synced']),
    ...(keeper.isPublished ? [] : ['the CA is not published in the webhook configurations']),
  ];
  const health = healthServer(healthApp(metrics, notReady));
  const running = [informer.run(stopping.signal), keeper.run(stopping.signal)];
  const ports = {
    port: await listen(server, config.port),
    metricsPort: await listen(health, config.metricsPort),
  };
  log.info({ ...ports, settings, clientCertificates: clientCa !== undefined }, 'listening');
  return {
    ...ports,
    async stop() {
      stopping.abort();
      await sleep(clock, drainMs);
      await Promise.all([close(server, GRACE_MS), close(health, 0), ...running]);
      client.close();
    },
  };
}
