import { expect, test } from 'vitest';
import { EXIT, type ExitReason } from '#api/contract/report.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { apply, eventually, tryKubectl } from '#test/kubectl.ts';
import { createPod, type Pod } from './pod.ts';

/** One way to be wrong, made with the real tools against the real API server, and its one answer. */
export type Mistake = {
  name: string;
  /** Files of the source, by their path in it. */
  files: Record<string, string>;
  reason: ExitReason;
  /** What the message must say: object, field, cause, remedy. */
  says: RegExp;
  /** Objects that are in the target before. */
  given?: (namespace: string) => object[];
  /** `given` holds a moment after it was applied: the test begins when the server refuses the files. */
  heldLater?: true;
  /** Files of a version that was installed before. */
  before?: Record<string, string>;
  order?: Partial<WorkOrder>;
  apply?: 'ServerSide' | 'ClientSide';
  wait?: boolean;
  kubeconfig?: (namespace: string) => Promise<string>;
};

/** What no person can read, and what is not true of the last attempt. */
const UNREADABLE =
  /valueUnstructured|typed patch object|does not know this error|tried again|will retry|\{"labels"|\d errors? occurred|0xc0|goroutine|ensure CRDs/;

/** A test for each mistake: its reason, whether it is retried, its message, in one attempt. */
export function testMistakes(kind: 'chart' | 'yaml' | 'kustomize', mistakes: readonly Mistake[]): void {
  const rows = mistakes.map((mistake, i) => ({ ...mistake, namespace: `mistake-${kind}-${i}-${RUN}` }));
  test.for(rows)(
    '$name: $reason',
    async ({ namespace, reason, says, given, heldLater, before, ...mistake }) => {
      const pod = await createPod(await mistake.kubeconfig?.(namespace));
      if (given)
        await apply(
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
          ...given(namespace),
        );
      if (heldLater) await untilRefused(namespace, mistake.files);
      const order = { targetNamespace: namespace, install: installOf(kind, mistake), ...mistake.order };
      await pod.order(order);
      if (before) {
        await pod.sources(sourcesOf(kind, before));
        const { report, log } = await pod.start('run').ended;
        expect(report?.reason, log).toBe('Succeeded');
      }
      const { report, code, log } = await run(pod, sourcesOf(kind, mistake.files));
      expect(report?.reason, log).toBe(reason);
      expect(code).toBe(EXIT[reason].code);
      expect(report?.message).toMatch(says);
      expect(report?.message).not.toMatch(UNREADABLE);
      // A message that is cut off at its end has lost its remedy.
      expect(report?.message).not.toMatch(/…$/);
    },
  );
}

async function untilRefused(namespace: string, files: Record<string, string>): Promise<void> {
  const args = ['create', '--dry-run=server', '-n', namespace, '-f', '-'];
  const text = Object.values(files).join('\n---\n');
  await eventually('the server refuses the files', 30, async () => !(await tryKubectl(args, text)).ok);
}

const RUN = Math.random().toString(36).slice(2, 6);

async function run(pod: Pod, files: Record<string, string>) {
  await pod.sources(files);
  return pod.start('run').ended;
}

const PLACE = { chart: 'chart/web/', yaml: 'yaml/', kustomize: 'kustomize/' } as const;

function sourcesOf(kind: keyof typeof PLACE, files: Record<string, string>): Record<string, string> {
  const whole = kind === 'chart' ? { 'Chart.yaml': CHART, ...files } : files;
  const under = Object.entries(whole).map(([path, text]) => [
    path.startsWith('/') ? path.slice(1) : `${PLACE[kind]}${path}`,
    text,
  ]);
  return Object.fromEntries(under) as Record<string, string>;
}

/** The Chart.yaml that charts have unless they bring their own. */
export const CHART = 'apiVersion: v2\nname: web\nversion: 1.2.0\n';

function installOf(
  kind: keyof typeof PLACE,
  { apply: method, wait = true }: Pick<Mistake, 'apply' | 'wait'>,
): WorkOrder['install'] {
  if (kind !== 'chart') return { kind, source: { slot: kind, path: '' } };
  const chart = { slot: 'chart' as const, path: 'web' };
  return {
    kind,
    chart,
    releaseName: 'web',
    valuesFiles: [],
    wait,
    ...(method ? { apply: method } : {}),
  };
}

/** A template, or a file of manifests, with these objects. */
export const objects = (...all: object[]) => all.map((object) => JSON.stringify(object)).join('\n---\n');

type Fields = Record<string, unknown>;

export const anObject = (kind: string, fields: Fields = {}, apiVersion = 'v1', name = 'thing') => {
  const { metadata, ...rest } = fields as { metadata?: Fields };
  return { apiVersion, kind, metadata: { name, ...metadata }, ...rest };
};

/** A template of a pod. */
export const podTemplate = (fields: Fields = {}, labels: Fields = { app: 'a' }) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'registry.invalid/main:1', ...fields }] },
});

export const aDeployment = (spec: Fields = {}) =>
  anObject(
    'Deployment',
    { spec: { selector: { matchLabels: { app: 'a' } }, template: podTemplate(), ...spec } },
    'apps/v1',
  );

/** A list that has a key twice: what client-side apply only warns of. */
export const VARIABLE_TWICE = aDeployment({
  template: podTemplate({
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  }),
});

export const aJob = (fields: Fields = {}, spec: Fields = {}) => {
  const { metadata, spec: pod } = podTemplate(fields);
  return {
    ...anObject(
      'Job',
      {
        spec: { backoffLimit: 0, template: { metadata, spec: { ...pod, restartPolicy: 'Never' } }, ...spec },
      },
      'batch/v1',
    ),
  };
};
