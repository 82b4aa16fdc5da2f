import { aNamespace } from '#test/builders.ts';
import { kubectl } from '../cluster.ts';
import { figure } from '../figures.ts';
import { NAMESPACE } from '../names.ts';
import type { Scenario } from './scenario.ts';

const SENT = 2000;

/** Runs in a pod: `rate` validations a second for `seconds`, straight to the webhook's Service. */
const LOAD = `
const { Agent, request } = require('node:https');
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 32 });
const rate = 200, seconds = 10, times = [];
const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: {
  uid: 'u', operation: 'CREATE', namespace: 'pinion-bench', name: 'p', userInfo: { username: 'bench' },
  kind: { group: 'kosmos.io', version: 'v1alpha1', kind: 'VirtualClusterPlugin' },
  resource: { group: 'kosmos.io', version: 'v1alpha1', resource: 'virtualclusterplugins' },
  object: { apiVersion: 'kosmos.io/v1alpha1', kind: 'VirtualClusterPlugin', metadata: { name: 'p', namespace: 'pinion-bench' },
    spec: { pluginSources: { yaml: { path: { pvPath: 'store:/pv/a.yaml' } } } } } } });
const send = () => new Promise((resolve) => {
  const began = performance.now();
  const sent = request('https://pinion-webhook.pinion-system.svc/validate/kinds',
    { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
    (answer) => { answer.resume(); answer.on('end', () => { times.push(performance.now() - began); resolve(answer.statusCode); }); });
  sent.on('error', (error) => { console.error(error.message); resolve(0); });
  sent.end(body);
});
(async () => {
  for (let i = 0; i < 100; i++) await send();
  times.length = 0;
  const all = [], began = performance.now();
  for (let i = 0; i < rate * seconds; i++) {
    const wait = began + i * 1000 / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    all.push(send());
  }
  const codes = await Promise.all(all);
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ good: codes.filter((code) => code === 200).length, p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] }));
})();`;

/** Milliseconds of the median and of the 99th percentile at 200 requests a second, from a pod of the cluster. */
async function admissionLatency(image: string): Promise<{ good: number; p50: number; p99: number }> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: NAMESPACE, name: 'load' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'load', image, command: ['node', '-e', LOAD] }] },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(aNamespace(NAMESPACE)));
  await kubectl(['delete', 'pod', 'load', '-n', NAMESPACE, '--ignore-not-found']);
  await kubectl(['apply', '-f', '-'], JSON.stringify(pod));
  await kubectl([
    'wait',
    '-n',
    NAMESPACE,
    '--for=jsonpath={.status.phase}=Succeeded',
    'pod/load',
    '--timeout=90s',
  ]);
  return JSON.parse(await kubectl(['logs', '-n', NAMESPACE, 'load'])) as {
    good: number;
    p50: number;
    p99: number;
  };
}

export const admission: Scenario = {
  name: 'admission',
  about: 'latency of the webhook at 200 requests a second, from a pod, without the API server in between',
  run: async ({ image, rounds, progress }) => {
    const latencies: Awaited<ReturnType<typeof admissionLatency>>[] = [];
    for (let round = 1; round <= rounds; round++) {
      const latency = await admissionLatency(image);
      if (latency.good !== SENT) throw new Error(`only ${latency.good} of ${SENT} requests were answered`);
      const [half, most] = [latency.p50, latency.p99].map((ms) => ms.toFixed(1));
      progress(`round ${round} of ${rounds}: p50 ${half} ms, p99 ${most} ms`);
      latencies.push(latency);
    }
    const [p50, p99] = [latencies.map((latency) => latency.p50), latencies.map((latency) => latency.p99)];
    const figures = [
      figure({ what: 'webhook, half of the requests within', unit: 'ms', values: p50 }),
      figure({ what: 'webhook, 99 % of the requests within', unit: 'ms', values: p99, aim: 15 }),
    ];
    return { rounds, figures, details: [] };
  },
};
