import { DIRECTORY, EXECUTOR_CONTAINER, VOLUME } from '#api/contract/job.ts';
import { EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { Job } from '#webhook/job.ts';

/** An executor Job as the operator creates it: suspended and bare. */
export function anExecutorJob(of: {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
  spec?: object;
}): Job & { metadata: { labels: Record<string, string> } } {
  const { name = 'executor-web-1', namespace = 'team-a', annotations = {}, spec = {} } = of;
  const labels = { [LABEL.component]: EXECUTOR_COMPONENT };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels, annotations },
    spec: {
      suspend: true,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: EXECUTOR_CONTAINER,
              image: 'registry.example.com/pinion/executor:1',
              args: ['run'],
              securityContext: { readOnlyRootFilesystem: true },
              resources: { limits: { memory: '1Gi' } },
              volumeMounts: [
                { name: VOLUME.order, mountPath: DIRECTORY.order, readOnly: true },
                { name: VOLUME.memory, mountPath: DIRECTORY.memory },
                { name: VOLUME.scratch, mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: VOLUME.order, secret: { secretName: name } },
            { name: VOLUME.memory, emptyDir: { medium: 'Memory' } },
            { name: VOLUME.scratch, emptyDir: {} },
          ],
          ...spec,
        },
      },
    },
  };
}
