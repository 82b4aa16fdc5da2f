/** Pods that tests run in a tenant, with the executor's image, which every node can pull. */
import { inject } from 'vitest';

/** A pod that runs this JavaScript module. Its label `app` is its name up to the first hyphen. */
export const aScript = (pod: string, script: string, spec: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: pod, labels: { app: pod.split('-')[0] } },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    ...spec,
    containers: [
      {
        name: 'main',
        image: inject('executorImage'),
        command: ['node', '--input-type=module', '-e', script],
        ...container,
      },
    ],
  },
});

const SERVER = `import { createServer } from 'node:http';
  createServer((_, response) => response.end(process.env.HOSTNAME)).listen(8080);`;

/** An HTTP server on port 8080 of a pod on this node. */
export const aServerOn = (nodeName: string, pod: string) =>
  aScript(pod, SERVER, { nodeName }, { readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } });

/** A Service on port 80 for the servers with this label `app`. */
export const aService = (app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'default', name: app },
  spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] },
});

/** A script that fetches each URL until it answers, for at most a minute, and prints the status codes. */
export const clientOf = (urls: readonly string[]) => `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const urls = ${JSON.stringify(urls)};
  const end = Date.now() + 60_000;
  while (urls.length > 0) {
    try {
      const response = await fetch(urls[0], { signal: AbortSignal.timeout(3000) });
      await response.text();
      console.log(response.status);
      urls.shift();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resume) => setTimeout(resume, 500));
    }
  }`;
