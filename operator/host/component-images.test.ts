import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { COMPONENT_NAMES, imagesOf } from './component-images.ts';

type Template = Parameters<typeof imagesOf>[0];

const shipped = async () =>
  load(await readFile(new URL('../../deploy/operator/components.yaml', import.meta.url), 'utf8')) as Template;

test('deploy/ names an image for each component and nothing else', async () => {
  const template = await shipped();
  expect(Object.entries(imagesOf(template))).toEqual(COMPONENT_NAMES.map((name) => [name, `pinion/${name}`]));
  expect(template.template.spec?.containers).toHaveLength(COMPONENT_NAMES.length);
});

test.each<[string, (template: Template) => void]>([
  ['a component that is not there', ({ template }) => template.spec?.containers?.shift()],
  [
    'one without an image',
    ({ template }) => Object.assign(template.spec?.containers?.[0] ?? {}, { image: '' }),
  ],
  ['a template without containers', ({ template }) => delete template.spec],
])('%s is an error that names the component and what to do', async (_sentence, spoil) => {
  const template = await shipped();
  spoil(template);
  expect(() => imagesOf(template)).toThrow(/no image for etcd; add a container etcd/);
});
