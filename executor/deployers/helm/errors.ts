import type { ExitReason } from '#api/contract/report.ts';
import { errorText } from '../../command/error-text.ts';

type Reason = Exclude<ExitReason, 'Succeeded'>;

/** What Helm's last error means. Helm has no exit codes, so its words are read; the first row that fits wins. */
const TABLE: readonly [RegExp, Reason][] = [
  // A schema that refers to another host: why that was not reached says nothing of the target.
  [/failing loading "/, 'RenderFailed'],
  [
    /failed calling webhook|etcdserver:|too many requests|no matches for kind|the server could not find the requested resource|error looking up service account/i,
    'ApplyFailed',
  ],
  [/Unauthorized|the server has asked for the client to provide credentials/, 'TargetUnauthorized'],
  [
    /Kubernetes cluster unreachable|connection refused|no such host|no route to host|network is unreachable|i\/o timeout|TLS handshake timeout|x509:|tls: /,
    'TargetUnreachable',
  ],
  [/connection reset by peer|because it is being terminated|object has been modified/, 'ApplyFailed'],
  [/another operation \(install\/upgrade\/rollback\) is in progress/, 'ApplyFailed'],
  // How the server answers a field that the kind's schema doesn't have, with code 500.
  [/failed to create typed patch object/, 'ApplyRejected'],
  // Before the rows that read what could be a part of an object's name.
  [/not ready.*deadline exceeded|timed out waiting/, 'InstallTimeout'],
  [
    /parse error|template:|error calling|execution error at|YAML parse error|error converting YAML|values don't meet the specifications|specifications of the schema|incompatible with Kubernetes|missing in charts\/|Chart\.yaml|library charts are not installable|error validating|error unmarshaling|cannot load values|failed to parse|unable to decode/,
    'RenderFailed',
  ],
  [
    /denied the request|is forbidden|forbidden:|is invalid|Invalid value|Required value|unknown field|invalid ownership metadata|cannot be imported into the current release|conflict occurred while applying|conflicts? with "|field is immutable|cannot reuse a name/i,
    'ApplyRejected',
  ],
  [/deadline exceeded/, 'InstallTimeout'],
];

/** The reason of a failed `helm upgrade --install`. */
export function classifyHelmError(stderr: string): Reason {
  const error = errorText(stderr);
  return TABLE.find(([pattern]) => pattern.test(error))?.[1] ?? 'ApplyFailed';
}
