import { errorText } from '../../command/error-text.ts';
import { plainWords } from '../../target/api-words.ts';
import { type Cause, causeOf, IMMUTABLE, unknownKind } from '../../target/causes.ts';

/** What Helm's last error means, for a person, and for what Pinion does about it. */
export type HelmError = Pick<Cause, 'reason'> & {
  message: string;
  /** Helm's own words, on one line. */
  text: string;
  /** Server-side apply refuses what client-side apply leaves out with a warning. */
  onlyServerSide: boolean;
  /** Objects that are in the way as they are: a field of theirs can't change. */
  immutable: ObjectName[];
};

export type ObjectName = { apiVersion: string; kind: string; namespace: string; name: string };

type Row = [pattern: RegExp, reason: Cause['reason'], remedy?: string];

const TEMPLATE = 'correct the template or the values that it reads';
const CHART = 'correct the chart';

/** Helm's own errors. What the API server says is in target/causes.ts; here stands what must be read before it. */
const FIRST: readonly Row[] = [
  [
    /failed to parse .*values|cannot load values\.yaml/,
    'SourceInvalid',
    'correct the file of values: it is not YAML',
  ],
  // A schema that refers to another host: why that was not reached says nothing of the target.
  [
    /failing loading "https?:/,
    'RenderFailed',
    'a values.schema.json refers to another host, and nothing is downloaded while installing: put that schema into the chart',
  ],
  [
    /specifications of the schema|don't meet the specifications|unable to validate schema/,
    'RenderFailed',
    "give the values that the chart's values.schema.json asks for",
  ],
  [
    /execution error at \(|parse error (?:at|in) \(|error calling |executing "|cannot parse template|rendering template failed|nil pointer evaluating|tpl function|gotpl/,
    'RenderFailed',
    TEMPLATE,
  ],
  [
    /YAML parse error on|error converting YAML to JSON|error unmarshaling JSON|error parsing YAML|yaml: line|unable to decode "|error validating (?:data|")|cannot both be set|resource name may not be empty/,
    'RenderFailed',
    `what the chart renders is not a Kubernetes object: ${TEMPLATE}`,
  ],
  [
    /requires kubeVersion|incompatible with Kubernetes/,
    'RenderFailed',
    "install a version of the chart that is made for the target's Kubernetes",
  ],
  [
    /cannot load |Chart\.yaml|missing in charts\/|library charts are not installable|error unpacking|chart metadata|chart\.metadata|invalid chart|larger than the maximum|unable to (?:detect|load) chart|validation: |illegally|chart dependencies processing failed|type mismatch on/,
    'SourceInvalid',
    CHART,
  ],
  [
    /another operation \(install\/upgrade\/rollback\) is in progress/,
    'ApplyFailed',
    'something else is at work on this release: wait, or look at helm history',
  ],
  [
    /sh\.helm\.release\.v1\S* .*(?:Too long|too large)|(?:create|update): failed to (?:create|update): .*(?:Too long|too large)/,
    'ApplyRejected',
    'the chart with its values does not fit into a Secret, where Helm keeps the release: make it smaller (.helmignore leaves files out), or split it',
  ],
  // take-over.ts says what to do.
  [/cannot be imported into the current release|cannot be owned/, 'ApplyRejected'],
  [/cannot reuse a name that is still in use/, 'ApplyRejected', 'choose another spec.releaseName'],
  [/(?:(?:pre|post)-install|hooks failed): .*status: Failed/s, 'HookFailed'],
  [/not ready\. status: .*deadline exceeded|timed out waiting|not ready\. status: Failed/s, 'InstallTimeout'],
  [
    /not ready\. status: |still exists\. status/,
    'ApplyFailed',
    'it was gone before Helm saw its end, as a hook with ttlSecondsAfterFinished: 0 may be',
  ],
  [
    /from current release manifest|removed kubernetes api/,
    'ApplyRejected',
    'the target no longer serves an API that the installed revision uses, so Helm cannot compare with it: uninstall the release, or convert its record',
  ],
];

const LAST: readonly Row[] = [[/deadline exceeded|context canceled|has been cancelled/, 'InstallTimeout']];

/** Reads the error of a failed `helm upgrade --install`. Helm has no exit codes, so its words are read. */
export function explainHelmError(stderr: string): HelmError {
  const text = errorText(stderr);
  const words = plainWords(text.replace(/failed to parse \S*\/(\S+)\.yaml: /, 'file $1 of values: ')).replace(
    /[.\s]*(?:ensure CRDs are installed first)?$/,
    '',
  );
  const onlyServerSide = /field not declared in schema|duplicate entries for key/.test(text);
  const { reason, remedy } = helmCause(text);
  const orElse = onlyServerSide ? ', or set chart.apply: ClientSide, which Helm 3 did' : '';
  return {
    reason,
    text,
    message: [`helm: ${words || '(no error output)'}`, remedy && `${remedy}${orElse}`]
      .filter(Boolean)
      .join('; '),
    onlyServerSide,
    immutable: immutableObjects(text),
  };
}

function helmCause(text: string): Cause {
  const [, kind, apiVersion] = /no matches for kind "([^"]*)" in version "([^"]*)"/.exec(text) ?? [];
  const row = (rows: readonly Row[]) => rows.find(([pattern]) => pattern.test(text));
  const first = row(FIRST);
  if (first) return { reason: first[1], remedy: first[2] };
  if (kind && apiVersion) return unknownKind(kind, apiVersion);
  const cause = causeOf(text);
  if (cause) return cause;
  const last = row(LAST);
  return last ? { reason: last[1], remedy: last[2] } : UNKNOWN;
}

/** A test sees to it that no error of Helm's that could be provoked ends here. */
const UNKNOWN: Cause = { reason: 'ApplyFailed', remedy: 'Pinion does not know this error' };

function immutableObjects(text: string): ObjectName[] {
  return text.split(' && ').flatMap((part) => {
    const found = /server-side apply failed for object ([^\s/]*)\/(\S+) (\S*), Kind=(\w+): /.exec(part);
    if (!found || !IMMUTABLE.test(part)) return [];
    const [, namespace = '', name = '', version = '', kind = ''] = found;
    return [{ apiVersion: version.replace(/^\//, ''), kind, namespace, name }];
  });
}
