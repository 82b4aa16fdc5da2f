import { expect, test } from 'vitest';
import { get } from '#test/kubectl.ts';
import { secretForms } from '#test/secret-forms.ts';
import { createPod } from './pod.ts';

const CHART = 'apiVersion: v2\nname: shop\nversion: 1.0.0\n';
/** Makes a password up, another one each time that it is rendered. */
const GENERATED = `apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-login}
data: {password: {{ randAlphaNum 24 | b64enc }}}
`;
const HOOK = `apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: pre-install}
stringData: {token: {{ randAlphaNum 24 }}}
`;
const NOTES = 'Log in as admin with {{ printf "canary-in-the-notes-%s" "0123456789" }}\n';

/** Prints a key of a Secret in every form that a command would, and fails. */
const showAndFail = (secret: string, key: string) =>
  [
    `v=$(kubectl get secret ${secret} -n "$PINION_TARGET_NAMESPACE" -o jsonpath='{.data.${key}}')`,
    'echo "encoded $v"; p=$(echo "$v" | base64 -d)',
    'echo "plain $p"; printf "%s:x" "$p" | base64 -w0; echo; printf "u:%s" "$p" | base64 -w0; echo',
    'printf "ab%s" "$p" | base64 -w0; echo; false',
  ].join('\n');

const secretValue = async (name: string, key: string, namespace: string) => {
  const secret = await get<{ data: Record<string, string> }>('secret', name, namespace);
  return Buffer.from(secret?.data[key] ?? '', 'base64').toString();
};

function expectHidden(secret: string, text: string): void {
  expect(secret).not.toBe('');
  expect(secretForms(secret).filter((form) => text.includes(form))).toEqual([]);
}

const chart = (releaseName: string) => ({
  kind: 'chart' as const,
  chart: { slot: 'chart' as const, path: '' },
  releaseName,
  valuesFiles: [],
  wait: false,
});

test.for([
  ['a template', 'shop-login', 'password', { 'chart/templates/login.yaml': GENERATED }],
  ['a hook', 'shop-hook', 'token', { 'chart/templates/hook.yaml': HOOK }],
] as const)('a password that %s makes up is in neither log nor report', async ([what, name, key, files]) => {
  const namespace = `secrets-${what.slice(2)}`;
  const pod = await createPod();
  await pod.sources({ 'chart/Chart.yaml': CHART, 'chart/templates/NOTES.txt': NOTES, ...files });
  const verify = { command: showAndFail(name, key), timeoutMs: 2000 };
  await pod.order({ targetNamespace: namespace, install: chart('shop'), verify });
  for (const revision of [1, 2]) {
    const { log, message, report } = await pod.start('run').ended;
    expect(report, log).toMatchObject({ reason: 'VerifyTimeout', revision });
    expect(message).toContain('plain ***');
    expect(log).not.toContain('canary-in-the-notes');
    expectHidden(await secretValue(name, key, namespace), log + message);
  }
});

test("a Secret's value that helm's error quotes is masked", async () => {
  const pod = await createPod();
  const wrong = `apiVersion: v1
kind: Secret
metadata: {name: pin}
stringData: {pin: 730516294}
`;
  await pod.sources({ 'chart/Chart.yaml': CHART, 'chart/templates/pin.yaml': wrong });
  await pod.order({ targetNamespace: 'secrets-quoted', install: chart('quoted') });
  const { log, message, report } = await pod.start('run').ended;
  expect(report?.reason, log).not.toBe('Succeeded');
  expect(log + message).not.toContain('730516294');
});

test.for([
  [
    'a Secret that is applied',
    `{apiVersion: v1, kind: Secret, metadata: {name: kept}, stringData: {a: "cormorant-55"}}`,
  ],
  [
    'a Secret that is refused',
    `{apiVersion: v1, kind: Secret, metadata: {name: kept}, data: {a: "cormorant-55"}}`,
  ],
  [
    'a Secret with a number',
    `{apiVersion: v1, kind: Secret, metadata: {name: kept}, stringData: {a: 730516294}}`,
  ],
  ['a Secret that is no YAML', `kind: Secret\napiVersion: v1\nstringData:\n  a: *cormorant-55\n`],
] as const)('the value of %s from manifests is masked', async ([name, manifest]) => {
  const pod = await createPod();
  await pod.sources({ 'yaml/a.yaml': manifest });
  await pod.order({
    targetNamespace: `secrets-${name.replaceAll(' ', '-').toLowerCase()}`,
    install: { kind: 'yaml', source: { slot: 'yaml', path: '' } },
    verify: { command: 'echo cormorant-55; false', timeoutMs: 1000 },
  });
  const { log, message, report } = await pod.start('run').ended;
  expect(report?.reason, log).not.toBe('Succeeded');
  expect(log + message).not.toContain('cormorant-55');
  expect(log + message).not.toContain('730516294');
});

test.for([
  ['a literal', 'literals: ["password=cormorant-55"]'],
  ['a keyless literal', 'literals: ["cormorant-55"]'],
  ['a line of a file', 'envs: [env]'],
] as const)('%s of a secretGenerator is masked', async ([name, generator]) => {
  const pod = await createPod();
  await pod.sources({
    'kustomize/kustomization.yaml': `secretGenerator: [{name: made, ${generator}}]`,
    'kustomize/env': 'PASSWORD=cormorant-55\n',
  });
  await pod.order({
    targetNamespace: `secrets-${name.slice(2, 8).trim().replaceAll(' ', '-')}`,
    install: { kind: 'kustomize', source: { slot: 'kustomize', path: '' } },
    verify: { command: 'echo cormorant-55; false', timeoutMs: 1000 },
  });
  const { log, message, report } = await pod.start('run').ended;
  expect(report?.reason, log).not.toBe('Succeeded');
  expect(log + message).not.toContain('cormorant-55');
});
