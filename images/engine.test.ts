import { expect, test } from 'vitest';
import { buildCommand, pushCommand } from './engine.ts';

const build = {
  dockerfile: 'images/a/Dockerfile',
  context: '.',
  args: { BASE: 'b' },
  image: 'r.example/a:1',
};

test('the commands of docker build and push an image by name', () => {
  expect(buildCommand('docker', build).join(' ')).toBe(
    'docker build --build-arg BASE=b --tag r.example/a:1 --file images/a/Dockerfile .',
  );
  expect(pushCommand('docker', 'r.example/a:1')).toEqual(['docker', 'push', 'r.example/a:1']);
});

test('the commands of buildah write a manifest that every registry accepts', () => {
  expect(buildCommand('buildah', build).join(' ')).toContain('buildah build --format docker --build-arg');
  expect(pushCommand('buildah', 'r.example/a:1')).toEqual([
    'buildah',
    'push',
    'r.example/a:1',
    'docker://r.example/a:1',
  ]);
});
