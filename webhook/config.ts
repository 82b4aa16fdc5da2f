import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SYSTEM_NAMESPACE } from '#api/contract/names.ts';
import { readSettings, type Settings, settingsFlags } from '#api/settings.ts';
import { certificatesOf } from '#kube/certificates/judge.ts';

export const HELP = `Usage: node webhook/main.ts [flags]

Admission webhook: POST /mutate/jobs and /validate/kinds on HTTPS; GET /healthz, /readyz, /metrics on HTTP.
The cluster is the pod's own, or that of KUBECONFIG.

  --port 8443                  HTTPS port
  --metrics-port 8080          HTTP port
  --namespace pinion-system    namespace of the Secrets that hold the certificates
  --service pinion-webhook     Service that API servers call; the certificate has its names
  --serving-name NAME          another name or address in the certificate; may be repeated
  --configuration pinion       name of the two webhook configurations that get the caBundle
  --operator-account system:serviceaccount:pinion-system:pinion-operator
                               the only user whose Jobs get their sources injected
  --client-ca FILE             CAs in PEM, read once: require client certificates signed by these CAs
                               on the HTTPS port
  --plugin-store-claim CLAIM   the claim of a pvPath that names none
  --allow-host-path PREFIX     host directories that sources may use; may be repeated
  --allow-source-cidrs CIDR    private ranges that sources may be fetched from; may be repeated
  --source-secure-loose        accept http:// and unverified TLS for sources
  --log-level info
`;

export type Config = {
  settings: Settings;
  port: number;
  metricsPort: number;
  namespace: string;
  dnsNames: string[];
  configuration: string;
  operatorAccount: string;
  /** CAs of the callers of the HTTPS port, in PEM; without it every caller is accepted. */
  clientCa?: string | undefined;
  logLevel: string;
};

/** Reads the flags. @throws Error that names the invalid flag. */
export function readConfig(args: string[]): Config | 'help' {
  const { values } = parseArgs({
    args,
    strict: true,
    options: {
      ...settingsFlags,
      help: { type: 'boolean', short: 'h' },
      port: { type: 'string', default: '8443' },
      'metrics-port': { type: 'string', default: '8080' },
      namespace: { type: 'string', default: SYSTEM_NAMESPACE },
      service: { type: 'string', default: 'pinion-webhook' },
      'serving-name': { type: 'string', multiple: true, default: [] },
      configuration: { type: 'string', default: 'pinion' },
      'operator-account': {
        type: 'string',
        default: `system:serviceaccount:${SYSTEM_NAMESPACE}:pinion-operator`,
      },
      'client-ca': { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    },
  });
  if (values.help) return 'help';
  const { namespace, service } = values;
  return {
    settings: readSettings(values),
    port: readPort('port', values.port),
    metricsPort: readPort('metrics-port', values['metrics-port']),
    namespace,
    dnsNames: [
      `${service}.${namespace}.svc`,
      `${service}.${namespace}.svc.cluster.local`,
      ...values['serving-name'],
    ],
    configuration: values.configuration,
    operatorAccount: values['operator-account'],
    clientCa: values['client-ca'] === undefined ? undefined : readCas(values['client-ca']),
    logLevel: values['log-level'],
  };
}

function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > 65535) throw new Error(`--${flag} "${text}" is not a port, like 8443`);
  return port;
}

function readCas(path: string): string {
  try {
    const cas = certificatesOf(readFileSync(path, 'utf8'));
    for (const ca of cas) new X509Certificate(ca);
    if (cas.length > 0) return cas.join('\n');
  } catch (cause) {
    throw new Error(`--client-ca "${path}" can't be read: ${(cause as Error).message}`, { cause });
  }
  throw new Error(`--client-ca "${path}" holds no certificate; it must be a PEM file of CAs`);
}
