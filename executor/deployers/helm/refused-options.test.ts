import { expect, test } from 'vitest';
import { Failure } from '../../failure.ts';
import { explainOptions, refusedOptions } from './refused-options.ts';

const schema = (...lines: string[]) =>
  `helm: values don't meet the specifications of the schema(s) in the following chart(s): web: ${lines.map((line) => `- ${line}`).join(' ')}`;
const OPTIONS = ['region', 'size', 'a.b'];

test.for([
  ['no global at all', schema("at '': additional properties 'global' not allowed"), OPTIONS],
  ['global among others', schema("at '': additional properties 'x', 'global' not allowed"), OPTIONS],
  ['one key of global', schema("at '/global': additional properties 'size' not allowed"), ['size']],
  [
    'two keys of global',
    schema("at '/global': additional properties 'region', 'size' not allowed"),
    ['region', 'size'],
  ],
  ['another type of one', schema("at '/global/region': got string, want integer"), ['region']],
  ['a key by its pattern', schema("at '/global': invalid propertyName 'a.b'"), ['a.b']],
  ['another type of global', schema("at '/global': got object, want null"), OPTIONS],
  [
    'a key beside values of the author',
    schema("at '/replicas': got string, want integer", "at '/global/size': false schema"),
    ['size'],
  ],
  ['values of the author alone', schema("at '/replicas': got string, want integer"), []],
  ['a key of global that is no option', schema("at '/global/other': got string, want integer"), []],
  [
    'a key of global that the author gives',
    schema("at '/global': additional properties 'x' not allowed"),
    [],
  ],
  ['another error that quotes global', "helm: template: at '': 'global' not allowed", []],
] as const)('of a schema that refuses %s, the options are found', ([, error, refused]) => {
  expect(refusedOptions(error, OPTIONS)).toEqual(refused);
});

test('the message names the refused options and what the plugin has to say', () => {
  const failure = new Failure(
    'RenderFailed',
    schema("at '/global': additional properties 'size' not allowed"),
  );
  const { reason, message } = explainOptions(failure, OPTIONS);
  expect(reason).toBe('RenderFailed');
  expect(message).toMatch(/^the chart refuses global\.size, which pluginOptions .*\(size\)/);
  expect(message).toContain('spec.options: [region, a.b]');
});
