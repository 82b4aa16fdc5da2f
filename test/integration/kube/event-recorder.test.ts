import { expect, inject, test } from 'vitest';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { EventRecorder, events } from '#kube/event-recorder.ts';
import { silentLog } from '#kube/log.ts';
import { configMaps, namespaces } from './core.ts';

const namespace = 'kube-events';
const happened = { type: 'Warning', reason: 'VerifyTimeout', message: 'never exited 0' } as const;

test('what happens again, or to a successor of the recorder, is one event with a higher count', async () => {
  const client = new KubeClient(await kubeconfigConnection(inject('kubeconfig')));
  await client.create(namespaces, { metadata: { name: namespace } });
  const about = await client.create(configMaps, { metadata: { namespace, name: 'about' } });
  for (const component of ['pinion-operator', 'pinion-operator']) {
    const recorder = new EventRecorder({ client, component, clock: systemClock, log: silentLog });
    recorder.record(about, happened);
    recorder.record(about, happened);
    await recorder.flush();
  }
  const recorder = new EventRecorder({ client, component: 'x', clock: systemClock, log: silentLog });
  recorder.record(about, { ...happened, message: 'something else' });
  await recorder.flush();
  const fieldSelector = `involvedObject.uid=${about.metadata.uid}`;
  const { items } = await client.list(events, { namespace, fieldSelector });
  const counts = items.map(({ message, count }) => [message, count]);
  expect(Object.fromEntries(counts)).toEqual({ 'never exited 0': 4, 'something else': 1 });
});
