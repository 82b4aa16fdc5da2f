import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

describe('readConfig of the operator', () => {
  test('has a default for every flag', () => {
    expect(readConfig(['--identity=a'])).toEqual({
      kind: 'run',
      config: {
        settings: {
          pluginStoreClaim: undefined,
          allowHostPaths: [],
          allowSourceCidrs: [],
          sourceSecureLoose: false,
        },
        controlPlanes: {
          serviceType: 'NodePort',
          storageClass: undefined,
          certificateLifetimeMs: 8760 * 3_600_000,
        },
        executor: { image: 'pinion/executor', logFormat: 'text' },
        namespace: 'pinion-system',
        identity: 'a',
        metricsPort: 8080,
        concurrency: 8,
        logLevel: 'info',
        workerMaxSize: { cpuMillis: 8000, memoryBytes: 32 * 2 ** 30 },
        insecureRegistries: [],
        promotableLabels: {},
      },
    });
  });

  test('takes several labels of promotable nodes', () => {
    const start = readConfig(['--promotable-nodes=example.com/pool=tenants', '--promotable-nodes=disk=']);
    expect(start).toMatchObject({
      config: { promotableLabels: { 'example.com/pool': 'tenants', disk: '' } },
    });
  });

  test.for([
    ['--promotable-nodes=pool', '"pool" must be KEY=VALUE, like example.com/pool=tenants'],
    ['--certificate-lifetime=1m', '"1m" must be a duration of at least 2m, like 8760h'],
    ['--certificate-lifetime=a year', '"a year" must be a duration of at least 2m, like 8760h'],
    ['--worker-max-size=8', '"8" must be CPU/MEMORY, like 8/32Gi, and at least 100m/64Mi'],
    ['--service-type=nodeport', '"nodeport" must be one of NodePort, LoadBalancer, ClusterIP'],
    ['--concurrency=0', '"0" must be a whole number from 1 to 256'],
    ['--executor-log-format=xml', '"xml" must be one of text, json'],
    ['--log-level=loud', '"loud" must be one of trace, debug, info, warn, error, fatal, silent'],
  ] as const)('refuses %s and says what it expects', ([arg, expected]) => {
    const [flag] = arg.split('=');
    expect(readConfig([arg])).toEqual({
      kind: 'exit',
      code: 2,
      stderr: `${flag} ${expected}\nSee node operator/main.ts --help for all flags.\n`,
    });
  });
});
