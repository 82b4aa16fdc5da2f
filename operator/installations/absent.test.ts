import { describe, expect, test } from 'vitest';
import { installationName } from '#api/contract/names.ts';
import { inventoryName } from '#api/contract/target-names.ts';
import { type PluginInstallationStatus, pluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import {
  beingDeleted,
  condition,
  ended,
  job,
  nameOfJob,
  pod,
  RECORD,
  recorded,
  suspended,
  withDigest,
  withoutDigest,
  withStatus,
} from '#test/observed.ts';
import { type AbsentObservation, planAbsent } from './absent.ts';

const of = (over: Partial<AbsentObservation> = {}): AbsentObservation => ({
  plugin: { namespace: 'demo', name: 'web' },
  cluster: { namespace: 'demo', name: 'vc' },
  recorded: {},
  jobs: [],
  pods: [],
  ...over,
});
const CHART = {
  kind: 'chart',
  targetNamespace: 'edge',
  release: 'ingress',
  revision: 3,
  digest: 'digest-1',
} as const;
const started: PluginInstallationStatus = {
  phase: 'Installing',
  action: 'install',
  reason: 'PodStarting',
  job: `demo/${nameOfJob()}`,
  installing: RECORD,
};
const succeededJob = job(withStatus(condition('Complete')));
const failedJob = job(withStatus(condition('Failed')));

function statusOf(observed: AbsentObservation) {
  const plan = planAbsent(observed);
  if (plan.gone) throw new Error('nothing is left of it');
  return plan.status;
}

describe('planAbsent', () => {
  test('lets an installation go of which nothing was installed', () => {
    expect(planAbsent(of())).toEqual({ acts: [], gone: true });
  });

  test('lets an installation go that only waited', () => {
    const status = { phase: 'Pending', reason: 'SecretNotFound', failedDigest: 'digest-0' } as const;
    expect(planAbsent(of({ recorded: status }))).toMatchObject({ gone: true });
  });

  test('deletes a suspended Job and lets the installation go', () => {
    const plan = planAbsent(of({ jobs: [job(suspended)] }));
    expect(plan).toMatchObject({ acts: [{ kind: 'delete', because: 'superseded' }], gone: true });
  });

  test('does not delete a Job again that is being deleted', () => {
    expect(planAbsent(of({ jobs: [job(suspended, beingDeleted)] }))).toEqual({ acts: [], gone: true });
  });

  test('keeps the record of a chart, and names release, namespace and command', () => {
    const status = statusOf(of({ recorded: recorded({ installed: CHART }) }));
    expect(status).toMatchObject({
      phase: 'Orphaned',
      reason: 'Disabled',
      installed: CHART,
      verified: 'Yes',
    });
    for (const part of [
      'Helm release ingress (revision 3)',
      'namespace edge',
      'helm uninstall ingress -n edge',
      'kubectl delete pinst -n demo vc.web',
    ]) {
      expect(status.message).toContain(part);
    }
  });

  test('says that another plugin has the release, and does not say how to remove it', () => {
    const { message } = statusOf(of({ heir: 'edge-proxy', recorded: recorded({ installed: CHART }) }));
    expect(message).toContain('release ingress is used by plugin edge-proxy now');
    expect(message).toContain('kubectl delete pinst -n demo vc.web');
    expect(message).not.toContain('helm uninstall');
  });

  test('takes no release from a report', () => {
    const forged = { release: 'x; rm -rf /', revision: 4, verified: 'Yes' } as object;
    const { installed, message } = statusOf(
      of({
        jobs: [job()],
        pods: [pod(ended(0, forged))],
        recorded: { ...started, installing: CHART },
      }),
    );
    expect(installed).toMatchObject({ release: 'ingress', revision: 4 });
    expect(message).toContain('helm uninstall ingress -n edge');
  });

  test('names the plugin as the release when none is recorded', () => {
    const { release: _, revision: __, ...chart } = CHART;
    const { message } = statusOf(of({ recorded: recorded({ installed: chart }) }));
    expect(message).toContain('helm uninstall web -n edge');
    expect(message).not.toContain('revision');
  });

  test.for(['yaml', 'kustomize'] as const)(
    'keeps the record of a %s, and names inventory, namespace and commands',
    (kind) => {
      const { message, phase } = statusOf(of({ recorded: recorded({ installed: { ...RECORD, kind } }) }));
      const inventory = inventoryName({ namespace: 'demo', name: 'web' });
      expect(phase).toBe('Orphaned');
      for (const part of [
        `ConfigMap kube-system/${inventory}`,
        `kubectl get configmap ${inventory} -n kube-system`,
        'kubectl delete --ignore-not-found -f -',
        `kubectl delete configmap ${inventory} -n kube-system`,
        'kubectl delete pinst -n demo vc.web',
      ]) {
        expect(message).toContain(part);
      }
    },
  );

  test('says NAMESPACE where an earlier release did not record one', () => {
    const { targetNamespace: _, ...chart } = CHART;
    const { message } = statusOf(of({ recorded: recorded({ installed: chart }) }));
    expect(message).toContain('helm uninstall ingress -n NAMESPACE');
  });

  test('names the object as it is called when the name of the cluster has a dot', () => {
    const cluster = { namespace: 'demo', name: 'a.b' };
    const { message } = statusOf(of({ cluster, recorded: recorded() }));
    expect(message).toContain(`kubectl delete pinst -n demo ${installationName('a.b', 'web')}`);
  });

  test.for([
    ['has no pod yet', []],
    ['has a pod', [pod()]],
    ['is between two attempts', [pod(ended(32, { reason: 'TargetUnreachable' }))]],
  ] as const)('leaves a Job to finish that %s', ([, pods]) => {
    const observed = of({ recorded: started, jobs: [job()], pods: [...pods] });
    expect(planAbsent(observed).acts).toEqual([]);
    expect(statusOf(observed)).toMatchObject({
      phase: 'Installing',
      action: 'install',
      reason: 'Disabled',
      job: `demo/${nameOfJob()}`,
      installing: RECORD,
    });
  });

  test('leaves the running Job and deletes the others', () => {
    const old = job(withDigest('digest-0'), withStatus(condition('Complete')));
    const { acts } = planAbsent(of({ recorded: started, jobs: [old, job()] }));
    expect(acts).toMatchObject([{ kind: 'delete', job: { metadata: { name: nameOfJob('digest-0') } } }]);
  });

  test('records what a Job has installed that ended after the plugin was disabled', () => {
    const report = { release: 'ingress', revision: 1, verified: 'Yes' } as const;
    const recordedChart = { ...started, installing: { ...CHART, revision: undefined } };
    const { revision: _, ...installing } = CHART;
    const observed = of({
      recorded: { ...recordedChart, installing },
      jobs: [succeededJob],
      pods: [pod(ended(0, report))],
    });
    expect(planAbsent(observed).acts).toMatchObject([{ kind: 'delete' }]);
    const status = statusOf(observed);
    expect(status).toMatchObject({ phase: 'Orphaned', installed: { ...CHART, revision: 1 } });
    expect(status).not.toHaveProperty('installing');
    expect(status).not.toHaveProperty('action');
  });

  test('records what a failed install may have left, without a digest', () => {
    const observed = of({ recorded: { ...started, phase: 'Failed' }, jobs: [failedJob] });
    const status = statusOf(observed);
    expect(status).toMatchObject({ phase: 'Orphaned', installed: withoutDigest(RECORD) });
    expect(status.installed).not.toHaveProperty('digest');
    expect(status).not.toHaveProperty('failedDigest');
  });

  test('records what an install may have left whose Job is gone', () => {
    expect(statusOf(of({ recorded: started })).installed).toEqual(withoutDigest(RECORD));
  });

  test('keeps what was installed before a failed update, without its digest', () => {
    const { digest: _, ...before } = CHART;
    const update = {
      kind: 'chart',
      targetNamespace: 'edge',
      release: 'ingress',
      digest: 'digest-2',
    } as const;
    const observed = of({
      recorded: { ...started, installed: before, installing: update },
      jobs: [failedJob],
    });
    expect(statusOf(observed).installed).toEqual(before);
  });

  test('stays as it is when it is planned again from its own status', () => {
    const status = statusOf(of({ recorded: started, jobs: [failedJob] }));
    expect(planAbsent(of({ recorded: status }))).toEqual({ acts: [], gone: false, status });
  });

  test('plans a status that the schema allows, also for the longest names', () => {
    const plugin = { namespace: 'n'.repeat(63), name: 'p'.repeat(253) };
    const cluster = { namespace: 'n'.repeat(63), name: 'c'.repeat(63) };
    const long = { ...RECORD, targetNamespace: 't'.repeat(63) };
    const rows = [
      of({ plugin, cluster, recorded: recorded({ installed: long }) }),
      of({ plugin, cluster, recorded: recorded({ installed: { ...CHART, release: 'r'.repeat(53) } }) }),
      of({ recorded: started, jobs: [job()] }),
      of({ recorded: started, jobs: [failedJob] }),
    ];
    for (const observed of rows) {
      const status = statusOf(observed);
      expect(pluginInstallationStatus.parse(status)).toEqual(status);
    }
  });
});
