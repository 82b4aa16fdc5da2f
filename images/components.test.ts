import { expect, test } from 'vitest';
import { COMPONENT_NAMES } from '#operator/host/component-images.ts';
import { type ComponentProgram, componentImages, componentPrograms } from './components.ts';

test('componentImages gives every component an image, several of them the same', () => {
  const programs = Object.fromEntries(componentPrograms.map((name) => [name, `r.example/${name}:1`]));
  const images = componentImages(programs as Record<ComponentProgram, string>, {
    worker: 'r.example/worker:2',
    pause: 'r.example/pause:3',
  });
  expect(Object.keys(images).sort()).toEqual([...COMPONENT_NAMES].sort());
  expect([images.etcd, images['kube-scheduler'], images['node-local-dns'], images.pause]).toEqual([
    'r.example/kube:1',
    'r.example/kube:1',
    'r.example/coredns:1',
    'r.example/pause:3',
  ]);
});
