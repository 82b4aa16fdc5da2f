import type { DeployContext } from '../context.ts';
import type { HelmError } from './errors.ts';

/** A hook that Helm waited for: it failed, or did not come to an end. */
export type FailedHook = { event: string; kind: string; namespace: string; name: string; failed: boolean };

const HOOK =
  /(?:failed ((?:pre|post)-install)|((?:pre|post)-upgrade) hooks failed): .*?resource (\w+)\/([^/\s]*)\/(\S+) not ready\. status: (\w+)/s;

/** The hook that Helm's error is about, if it is about one. */
export function failedHook(text: string): FailedHook | undefined {
  const found = HOOK.exec(text);
  if (!found) return undefined;
  const [, install, upgrade, kind = '', namespace = '', name = '', status] = found;
  return { event: install ?? upgrade ?? '', kind, namespace, name, failed: status === 'Failed' };
}

/** Characters of a hook's output in a message. */
const OUTPUT = 400;

type Container = {
  name: string;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; reason?: string; message?: string };
  };
};
type Pod = {
  metadata: { name: string; creationTimestamp?: string };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; message?: string }[];
    initContainerStatuses?: Container[];
    containerStatuses?: Container[];
  };
};

/** What the error about a hook says to a person: which one, the end of its log, what to do. Never throws. */
export async function explainHook(context: DeployContext, hook: FailedHook): Promise<string> {
  const { event, kind, namespace, name, failed } = hook;
  const pod = await newestPod(context, hook).catch(() => undefined);
  const story = pod ? await storyOf(context, namespace, pod).catch(() => undefined) : undefined;
  const gone = `its pod is gone: see kubectl describe ${kind.toLowerCase()} ${name} -n ${namespace}`;
  const what = failed ? 'failed' : `did not end within ${Math.round(context.order.timeoutMs / 1000)} s`;
  const remedy = failed ? 'correct what it needs and retry the plugin' : 'look at it, or raise spec.timeout';
  return `${event} hook ${kind} ${namespace}/${name} ${what}: ${story ?? gone}; ${remedy}`;
}

async function newestPod(
  { client }: DeployContext,
  { kind, namespace, name }: FailedHook,
): Promise<Pod | undefined> {
  const selector =
    kind === 'Pod'
      ? `fieldSelector=metadata.name%3D${name}`
      : `labelSelector=batch.kubernetes.io/job-name%3D${name}`;
  const { body } = await client.request('GET', `/api/v1/namespaces/${namespace}/pods?${selector}`);
  const pods = ((body['items'] ?? []) as Pod[]).toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  );
  return pods.findLast(({ status }) => status?.phase === 'Failed') ?? pods.at(-1);
}

async function storyOf(context: DeployContext, namespace: string, pod: Pod): Promise<string> {
  const { metadata, status = {} } = pod;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const ended = containers.find(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
  if (ended?.state?.terminated) {
    const { exitCode, message, reason } = ended.state.terminated;
    const said = message?.trim() || (await lastLines(context, namespace, metadata.name, ended.name));
    const how = `container ${ended.name} of pod ${metadata.name} ended with exit code ${exitCode}${reason && reason !== 'Error' ? ` (${reason})` : ''}`;
    const command = `kubectl logs -n ${namespace} ${metadata.name} -c ${ended.name}`;
    return said
      ? `${how} and said: ${context.redactor.redact(said).slice(-OUTPUT)}`
      : `${how}; its log: ${command}`;
  }
  const waiting = containers.find(({ state }) => state?.waiting?.reason)?.state?.waiting;
  if (waiting) return `pod ${metadata.name}: ${waiting.reason}: ${waiting.message ?? ''}`.replace(/: $/, '');
  const blocked = status.conditions?.find(({ status, message }) => status === 'False' && message);
  if (blocked) return `pod ${metadata.name}: ${blocked.message}`;
  return `pod ${metadata.name} is ${status.phase ?? 'Pending'}`;
}

async function lastLines({ client }: DeployContext, namespace: string, pod: string, container: string) {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}&tailLines=10&limitBytes=16384`;
  const { code, body } = await client.request('GET', path, { accept: '*/*' });
  return code === 200
    ? String(body['message'] ?? '')
        .trim()
        .replaceAll(/\s*\n\s*/g, ' | ')
    : '';
}

/** Whether an error may come from waiting for what only a hook that runs afterwards makes ready. */
export const waitedForWorkloads = ({ reason, text }: HelmError): boolean =>
  reason === 'InstallTimeout' && /not ready\. status: /.test(text) && failedHook(text) === undefined;
