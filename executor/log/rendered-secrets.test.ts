import { expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';
import { addRenderedSecrets } from './rendered-secrets.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What is left of a text once the Secrets of these manifests are known. */
function masked(manifests: string, text: string, open: string[] = []): string {
  const redactor = createRedactor();
  addRenderedSecrets(redactor, manifests, open);
  return redactor.redact(text);
}

test.for([
  ['data', `kind: Secret\ndata: {password: ${base64('gannet-17')}}`, 'gannet-17'],
  ['data, as it is written', `kind: Secret\ndata: {password: ${base64('gannet-17')}}`, base64('gannet-17')],
  ['stringData', 'kind: Secret\nstringData: {password: gannet-17}', 'gannet-17'],
  ['a number in stringData', 'kind: Secret\nstringData: {pin: 751204}', '751204'],
  ['a number with a leading zero', 'kind: Secret\nstringData: {pin: 007512}', '007512'],
  ['data that is not base64', 'kind: Secret\ndata: {password: "gannet 17!"}', 'gannet 17!'],
  [
    'data in several lines',
    `kind: Secret\ndata:\n  a: |\n    ${base64('gannet-17-').slice(0, 8)}\n    ${base64('gannet-17-').slice(8)}`,
    'gannet-17-',
  ],
  [
    'a Secret in JSON',
    `{"apiVersion":"v1","kind":"Secret","data":{"a":"${base64('gannet-17')}"}}`,
    'gannet-17',
  ],
  ['a Secret in a List', 'kind: List\nitems: [{kind: Secret, stringData: {a: gannet-17}}]', 'gannet-17'],
  [
    'the second document',
    'kind: ConfigMap\n---\n# Source: a\nkind: Secret\nstringData: {a: gannet-17}',
    'gannet-17',
  ],
  ['a field of another name', 'kind: Secret\nstringdata: {a: gannet-17}', 'gannet-17'],
  ['a Secret that is no YAML', 'kind: Secret\nstringData:\n  a: gannet-17\n b: [', 'gannet-17'],
  ['a tagged value', 'kind: Secret\nstringData: {a: !!str gannet-17}', 'gannet-17'],
  ['a merged value', 'x: &x {a: gannet-17}\nkind: Secret\nstringData: {<<: *x}', 'gannet-17'],
  [
    'the password in an address',
    'kind: Secret\nstringData: {a: "postgres://shop:gannet-17@db:5432/shop"}',
    'gannet-17',
  ],
  [
    'a password in a file',
    'kind: Secret\nstringData:\n  a: |\n    user: x\n    password: gannet-17',
    'gannet-17',
  ],
  [
    'a password in a file of assignments',
    'kind: Secret\nstringData:\n  a: |\n    [x\n    PW=gannet-17\n',
    'gannet-17',
  ],
  [
    'a registry password',
    `kind: Secret\ndata: {.dockerconfigjson: ${base64('{"auths":{"r.example":{"password":"gannet-17"}}}')}}`,
    'gannet-17',
  ],
] as const)('%s of a rendered Secret is masked', ([, manifests, secret]) => {
  expect(masked(manifests, `<${secret}>`)).toBe('<***>');
});

test.for([
  ['another kind', 'kind: ConfigMap\ndata: {a: gannet-17}'],
  ['a kind that only begins so', 'kind: SecretStore\nspec: {a: gannet-17}'],
  ['a name', 'kind: Secret\nmetadata: {name: gannet-17}\nstringData: {a: other-17}'],
  ['no manifest', 'gannet-17'],
] as const)('what stands in %s is shown', ([, manifests]) => {
  expect(masked(manifests, '<gannet-17>')).toBe('<gannet-17>');
});

test('a value that is the name of the release is shown', () => {
  expect(
    masked('kind: Secret\nstringData: {database: shop, password: gannet-17}', 'release shop gannet-17', [
      'shop',
    ]),
  ).toBe('release shop ***');
});
