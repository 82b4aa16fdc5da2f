import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { parseKubeconfig, type Target, writeKubeconfig } from '#api/kubeconfig.ts';
import { issueAuthority } from '#kube/certificates/issue.ts';
import { kubectl } from '#test/kubectl.ts';
import { anObject, type Mistake, objects, testMistakes } from './mistakes.ts';

/** A kubeconfig with some fields of the target changed. */
async function kubeconfig(change: Partial<Target>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-access-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  // The test's own API server is on loopback, which the parser refuses.
  const text = (await readFile(inject('kubeconfig'), 'utf8')).replaceAll('127.0.0.1', 'target.invalid');
  const target = parseKubeconfig(text);
  const server = target.server.replace('target.invalid', '127.0.0.1');
  const path = join(directory, 'kubeconfig');
  await writeFile(path, writeKubeconfig({ ...target, server, ...change }));
  return path;
}

/** A user that may do what Pinion itself needs, and no more. */
async function aUser(namespace: string, rules: object[]): Promise<string> {
  const metadata = { namespace };
  const rbac = 'rbac.authorization.k8s.io/v1';
  const account = anObject('ServiceAccount', { metadata }, 'v1', 'user');
  const role = anObject('Role', { metadata, rules }, rbac, 'user');
  const binding = anObject(
    'RoleBinding',
    {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'user' },
      subjects: [{ kind: 'ServiceAccount', name: 'user', namespace }],
    },
    rbac,
    'user',
  );
  await kubectl(['create', 'namespace', namespace]);
  await kubectl(['apply', '-f', '-'], objects(account, role, binding));
  const token = await kubectl(['create', 'token', 'user', '-n', namespace]);
  return kubeconfig({ token: token.trim() });
}

const OWN = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['*'] },
];
const map = objects(anObject('ConfigMap', { data: { a: 'b' } }));
const user = 'system:serviceaccount:\\S+:user';

const MISTAKES: Mistake[] = [
  {
    name: 'an address at which nothing listens',
    files: {},
    kubeconfig: () => kubeconfig({ server: 'https://127.0.0.1:9' }),
    reason: 'TargetUnreachable',
    says: /https:\/\/127\.0\.0\.1:9: connect ECONNREFUSED.*check/,
  },
  {
    name: 'a name that nobody knows',
    files: {},
    kubeconfig: () => kubeconfig({ server: 'https://target.invalid:6443' }),
    reason: 'TargetUnreachable',
    says: /target\.invalid.*check/,
  },
  {
    name: 'the CA of another cluster',
    files: {},
    async kubeconfig() {
      const { cert } = await issueAuthority('other', { now: Date.now(), lifeMs: 3_600_000 });
      return kubeconfig({ ca: Buffer.from(cert).toString('base64') });
    },
    reason: 'TargetUnreachable',
    says: /certificate.*check/,
  },
  {
    name: 'a token that has ended',
    files: {},
    kubeconfig: () => kubeconfig({ token: 'ended' }),
    reason: 'TargetUnauthorized',
    says: /rejects the credentials of the kubeconfig; provide one with valid credentials/,
  },
  {
    name: 'a user without any right',
    files: {},
    kubeconfig: (namespace) => aUser(namespace, []),
    reason: 'ApplyRejected',
    says: new RegExp(`Lease .*forbidden.*give user ${user} of the kubeconfig the right to create leases`),
  },
];

const withFiles = (files: Record<string, string>, more: Mistake[] = []) => [
  ...MISTAKES.map((mistake) => ({ ...mistake, files })),
  ...more,
];

testMistakes(
  'chart',
  withFiles({ 'templates/a.yaml': map }, [
    {
      name: 'a user without the right to what a chart has',
      files: { 'templates/a.yaml': map },
      kubeconfig: (namespace) => aUser(namespace, OWN),
      reason: 'ApplyRejected',
      says: new RegExp(
        `cannot get resource "configmaps".*give user ${user} of the kubeconfig the right to get configmaps`,
      ),
    },
    {
      name: 'a user that grants what it does not have',
      files: {
        'templates/a.yaml': objects(
          anObject(
            'Role',
            { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }] },
            'rbac.authorization.k8s.io/v1',
          ),
        ),
      },
      kubeconfig: (namespace) =>
        aUser(namespace, [
          ...OWN,
          {
            apiGroups: ['rbac.authorization.k8s.io'],
            resources: ['roles'],
            verbs: ['get', 'list', 'watch', 'create', 'patch'],
          },
        ]),
      reason: 'ApplyRejected',
      says: /attempting to grant RBAC permissions not currently held.*can grant only rights that it has/,
    },
  ]),
);
testMistakes('yaml', withFiles({ 'a.yaml': map }));
