/** A Deployment behind a Service in a tenant, and a pod there that calls it by name. */
import type { Manifest } from '#test/builders.ts';
import type { TestCluster } from '../cluster/cluster.ts';
import { nodeServerImage } from '../cluster/local-images.ts';
import { tool } from '../cluster/tools.ts';
import { apply } from './say.ts';

const ECHO = 'echo';
const ASK = 'ask';
const REPLICAS = 2;
/** A pod that is Ready is behind the Service a moment later: until then some connections fail. */
const PATIENCE_MS = 60_000;

const ECHO_SERVER = `
const { hostname } = require('node:os');
require('node:http').createServer((_, answer) => answer.end(hostname())).listen(8080);
process.on('SIGTERM', () => process.exit());`;

/** Opens a new connection for each request, because the Service chooses a pod for each connection. */
const ASKING = `
const { lookup } = require('node:dns/promises');
const { get } = require('node:http');
const [, url, replicas, patience] = process.argv;
const end = Date.now() + Number(patience);
const ask = () => new Promise((resolve, reject) => {
  const request = get(url, { agent: false, timeout: 2000 }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; }).on('end', () => resolve(text)).on('error', reject);
  });
  request.on('timeout', () => request.destroy(new Error('no answer'))).on('error', reject);
});
(async () => {
  const answered = new Set();
  let last = '';
  while (answered.size < Number(replicas)) {
    if (Date.now() > end) throw new Error([...answered].join(' and ') + ' answered; then ' + last);
    try { answered.add(await ask()); }
    catch (error) { last = error.message; await new Promise((resume) => setTimeout(resume, 200)); }
  }
  const { address } = await lookup(new URL(url).hostname);
  console.log(url + ' is ' + address + ': ' + [...answered].sort().join(' and ') + ' answered');
})().catch((error) => { console.error(error.message); process.exit(1); });`;

const securityContext = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
const resources = { requests: { cpu: '10m', memory: '48Mi' } };
const metadata = { namespace: 'default', name: ECHO };
const labels = { app: ECHO };

/** Two replicas that answer with their names. */
const echo = (image: string): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: ECHO,
              image,
              command: ['node', '--eval', ECHO_SERVER],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
              resources,
              securityContext,
            },
          ],
        },
      },
    },
  },
];

/** A Job that succeeds once both replicas have answered to their Service's name. */
const ask = (image: string): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace: 'default', name: ASK },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: ASK,
            image,
            command: ['node', '--eval', ASKING, `http://${ECHO}`, String(REPLICAS), String(PATIENCE_MS)],
            resources,
            securityContext,
          },
        ],
      },
    },
  },
});

/** Creates both in the tenant of this kubeconfig. @returns what the calling pod printed */
export async function askEcho(cluster: TestCluster, { kubeconfig }: { kubeconfig: string }): Promise<string> {
  const kubectl = tool('kubectl', kubeconfig);
  const image = cluster.local ? await nodeServerImage() : cluster.images.executor;
  await kubectl(['delete', 'job', ASK, '--ignore-not-found', '--timeout=60s']);
  await apply(kubectl, ...echo(image));
  await kubectl(['rollout', 'status', `deployment/${ECHO}`, '--timeout=120s']);
  await apply(kubectl, ask(image));
  await kubectl(['wait', `job/${ASK}`, '--for=condition=Complete', '--timeout=120s']).catch(
    async (error: Error) => {
      throw new Error(`${error.message}\n${await kubectl(['logs', `job/${ASK}`]).catch(String)}`);
    },
  );
  return (await kubectl(['logs', `job/${ASK}`])).trim();
}
