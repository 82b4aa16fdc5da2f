import type { ExitReason } from '#api/report.ts';
import { errorText } from '../command/error-text.ts';

type Reason = Exclude<ExitReason, 'Succeeded'>;

/** What Helm's last error means. Helm has no exit codes, so its words are read; the first row that fits wins. */
const TABLE: readonly [RegExp, Reason][] = [
  // A schema that refers to another host: why that was not reached says nothing of the target.
  [/failing loading "/, 'RenderFailed'],
  [
    /failed calling webhook|etcdserver:|too many requests|no matches for kind|the server could not find the requested resource|error looking up service account/i,
    'ApplyFailed',
  ],
  [
    /Kubernetes cluster unreachable|connection refused|no such host|no route to host|network is unreachable|i\/o timeout|TLS handshake timeout|x509:|tls: /,
    'TargetUnreachable',
  ],
  [/another operation \(install\/upgrade\/rollback\) is in progress/, 'ApplyFailed'],
  [
    /parse error|template:|error calling|execution error at|YAML parse error|error converting YAML|values don't meet the specifications|schema|incompatible with Kubernetes|missing in charts\/|Chart\.yaml|library charts are not installable|error validating|error unmarshaling|cannot load values|failed to parse|unable to decode/,
    'RenderFailed',
  ],
  [
    /denied the request|is forbidden|forbidden:|Unauthorized|is invalid|Invalid value|Required value|unknown field|invalid ownership metadata|cannot be imported into the current release|conflict|field is immutable|cannot reuse a name/i,
    'ApplyRejected',
  ],
  [/context deadline exceeded|timed out waiting|deadline exceeded/, 'InstallTimeout'],
];

/** The reason of a failed `helm upgrade --install`. */
export function classifyHelmError(stderr: string): Reason {
  const error = errorText(stderr);
  return TABLE.find(([pattern]) => pattern.test(error))?.[1] ?? 'ApplyFailed';
}
