import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { podKubeconfig } from './pod-kubeconfig.ts';

test.each([
  [
    'replaces a loopback address, which means nothing in a pod',
    'https://127.0.0.1:6443',
    'https://kubernetes.default.svc',
  ],
  ['replaces localhost', 'https://localhost:6443', 'https://kubernetes.default.svc'],
  ['replaces ::1', 'https://[::1]:6443', 'https://kubernetes.default.svc'],
  ['keeps any other address', 'https://10.0.0.1:6443', 'https://10.0.0.1:6443'],
  ['keeps any other name', 'https://api.example.com', 'https://api.example.com'],
])('podKubeconfig %s', (_sentence, server, expected) => {
  const text = JSON.stringify({ clusters: [{ name: 'a', cluster: { server } }], users: [] });
  expect(load(podKubeconfig(text))).toEqual({
    clusters: [{ name: 'a', cluster: { server: expected } }],
    users: [],
  });
});
