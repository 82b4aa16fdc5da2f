import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readCommandLine, type Start } from '#api/command-line.ts';
import { SYSTEM_NAMESPACE } from '#api/contract/names.ts';
import {
  type FlagValues,
  listFlag,
  oneOf,
  optionalFlag,
  textFlag,
  UsageError,
  valueFlag,
  wholeNumber,
} from '#api/flags.ts';
import { type Settings, settingsFlags, settingsOf } from '#api/settings.ts';
import { certificatesOf } from '#kube/certificates/judge.ts';
import { LOG_LEVELS } from '#kube/log.ts';

/** Everything that the webhook reads from its flags, once. */
export type Config = {
  settings: Settings;
  port: number;
  metricsPort: number;
  namespace: string;
  dnsNames: string[];
  configuration: string;
  operatorAccount: string;
  /** CAs of the clients of the HTTPS port, in PEM; without it every client is accepted. */
  clientCa?: string | undefined;
  logLevel: string;
};

const FLAGS = {
  port: valueFlag({
    placeholder: 'PORT',
    description: 'HTTPS port of the admission webhook',
    default: '8443',
    parse: wholeNumber(0, 65535),
  }),
  'metrics-port': valueFlag({
    placeholder: 'PORT',
    description: 'HTTP port of /healthz, /readyz and /metrics',
    default: '8080',
    parse: wholeNumber(0, 65535),
  }),
  namespace: textFlag({
    placeholder: 'NAMESPACE',
    description: 'Namespace of the webhook: its Service and the Secrets of its certificates',
    default: SYSTEM_NAMESPACE,
  }),
  service: textFlag({
    placeholder: 'NAME',
    description: 'Service that API servers call; the serving certificate is issued for its DNS names',
    default: 'pinion-webhook',
  }),
  'serving-name': listFlag({
    placeholder: 'NAME',
    description: 'Another DNS name or IP address for the serving certificate',
  }),
  configuration: textFlag({
    placeholder: 'NAME',
    description:
      'Name of the mutating and the validating webhook configuration whose caBundle is kept up to date',
    default: 'pinion',
  }),
  'operator-account': textFlag({
    placeholder: 'USER',
    description: 'The only user whose Jobs get sources injected',
    default: `system:serviceaccount:${SYSTEM_NAMESPACE}:pinion-operator`,
  }),
  'client-ca': optionalFlag({
    placeholder: 'FILE',
    description:
      'PEM file of CAs, read at the start: require client certificates signed by these CAs on the HTTPS port',
    parse: readCas,
  }),
  ...settingsFlags,
  'log-level': valueFlag({
    placeholder: 'LEVEL',
    description: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}`,
    default: 'info',
    parse: oneOf(LOG_LEVELS),
  }),
};

const USAGE = {
  command: 'node webhook/main.ts',
  about: `Admission webhook: serves POST /mutate/jobs and /validate/kinds over HTTPS.
The cluster is the pod's own, or that of KUBECONFIG.`,
  flags: FLAGS,
};

/** Reads the flags: what to run with, or the text of --help or of an error. */
export const readConfig = (args: readonly string[]): Start<Config> => readCommandLine(USAGE, args, configOf);

function configOf(values: FlagValues<typeof FLAGS>): Config {
  const { namespace, service, configuration } = values;
  return {
    settings: settingsOf(values),
    port: values.port,
    metricsPort: values['metrics-port'],
    namespace,
    dnsNames: [
      `${service}.${namespace}.svc`,
      `${service}.${namespace}.svc.cluster.local`,
      ...values['serving-name'],
    ],
    configuration,
    operatorAccount: values['operator-account'],
    clientCa: values['client-ca'],
    logLevel: values['log-level'],
  };
}

/** The certificates in a file, in PEM. */
function readCas(path: string): string {
  try {
    const cas = certificatesOf(readFileSync(path, 'utf8'));
    for (const ca of cas) new X509Certificate(ca);
    if (cas.length > 0) return cas.join('\n');
  } catch (cause) {
    throw new UsageError(`"${path}" cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new UsageError(`"${path}" contains no certificate; it must be a PEM file of CAs`);
}
