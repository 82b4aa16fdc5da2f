import { expect, test } from 'vitest';
import { plainWords } from './api-words.ts';

const dump = `{"Spec":{"Volumes":null,"Containers":[{"Name":"a: b","Env":[{"Value":"x}\\": y"}]}],"${'long'.repeat(20)}":0}}`;

test.for([
  [
    'a field that is not there',
    'server-side apply failed for object web/d apps/v1, Kind=Deployment: failed to create typed patch object (web/d; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
    'Deployment web/d: .spec.foo: field not declared in schema',
  ],
  [
    'a long value before its verb',
    `server-side apply failed for object web/m batch/v1, Kind=Job: Job.batch "m" is invalid: spec.template: Invalid value: ${dump}: field is immutable`,
    'Job web/m: spec.template: Invalid value: …: field is immutable',
  ],
  [
    'a long value that Go prints',
    `Job.batch "m" is invalid: spec.template: Invalid value: core.PodTemplateSpec{ObjectMeta:v1.ObjectMeta{Name:"", Labels:map[string]string{"a":"${'b'.repeat(90)}"}}}: field is immutable`,
    'Job.batch "m" is invalid: spec.template: Invalid value: …: field is immutable',
  ],
  [
    'a value whose middle was cut out',
    `spec.template: Invalid value: {"a":"${'b'.repeat(100)} … null}}: field is immutable`,
    'spec.template: Invalid value: …: field is immutable',
  ],
  [
    'two short values',
    '[spec.ports[0].port: Invalid value: 99999: must be less, spec.type: Invalid value: "a: b": no]',
    '[spec.ports[0].port: Invalid value: 99999: must be less, spec.type: Invalid value: "a: b": no]',
  ],
  [
    'a value of Go',
    '.data.port: expected string, got &value.valueUnstructured{Value:80}',
    '.data.port: expected string, got 80',
  ],
  [
    'a map of Go',
    '.data: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"b"}}',
    '.data: expected string, got map[string]interface {}{"a":"b"}',
  ],
  [
    'a patch',
    'cannot patch "m" with kind Job: Job.batch "m" is invalid: spec.x: Required value',
    'Job m: spec.x: Required value',
  ],
  [
    'a diff after the reason',
    'spec: Forbidden: is immutable\n@@ -1,2 +1,2 @@\n- "a"\n+ "b"',
    'spec: Forbidden: is immutable',
  ],
] as const)('%s is said in plain words', ([, said, plain]) => {
  expect(plainWords(said)).toBe(plain);
});

test('any text has an end, and keeps its last words', { timeout: 5000 }, () => {
  const text = `a: Invalid value: ${'{"'.repeat(20_000)}: Invalid value: ${'['.repeat(20_000)}: the verb`;
  expect(plainWords(text)).toMatch(/: the verb$/);
});
