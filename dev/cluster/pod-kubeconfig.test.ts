import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { podKubeconfig } from './pod-kubeconfig.ts';

test.each([
  ['a loopback address means nothing in a pod', 'https://127.0.0.1:6443', 'https://kubernetes.default.svc'],
  ['nor does localhost', 'https://localhost:6443', 'https://kubernetes.default.svc'],
  ['nor does ::1', 'https://[::1]:6443', 'https://kubernetes.default.svc'],
  ['any other address stays', 'https://10.0.0.1:6443', 'https://10.0.0.1:6443'],
  ['any other name stays', 'https://api.example.com', 'https://api.example.com'],
])('%s', (_sentence, given, expected) => {
  const text = JSON.stringify({ clusters: [{ name: 'a', cluster: { server: given } }], users: [] });
  expect(load(podKubeconfig(text))).toEqual({
    clusters: [{ name: 'a', cluster: { server: expected } }],
    users: [],
  });
});
