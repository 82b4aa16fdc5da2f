import { aPlugin, aVirtualCluster, type Manifest, withSpec } from '#test/builders/manifests.ts';

/** Manifests that use every field of Kosmos's two kinds, in every form in which its users write them. */
export const kosmosForms = (namespace: string): Record<string, Manifest> => ({
  ...pluginForms(namespace),
  ...clusterForms(namespace),
});

function pluginForms(namespace: string): Record<string, Manifest> {
  const plugin = (name: string, spec: object) => aPlugin(namespace, name, spec);
  return {
    'a plugin with a chart of a repository': plugin('kosmos-repo', {
      successStateCommand: 'kubectl get nodes',
      pluginSources: {
        chart: {
          name: 'metrics-server',
          repo: 'https://charts.example.com/stable',
          version: '3.12.1',
          values: ['replicas=2', 'image.tag=1.4', 'args[0]=--kubelet-insecure-tls'],
          wait: true,
        },
      },
    }),
    'a plugin with a chart of a claim and values of a host': plugin('kosmos-storage', {
      pluginSources: {
        chart: {
          name: 'dns',
          storage: { pvPath: 'plugin-store-ubuntu-statefulset-0:/pv/dns' },
          valuesFile: { hostPath: { path: '/opt/pinion/values.yaml', nodeName: 'worker-1' } },
        },
      },
    }),
    'a plugin with a claim that is not named': plugin('kosmos-bare', {
      pluginSources: { chart: { name: 'web', storage: { pvPath: '/root' }, values: { replicas: 2 } } },
    }),
    'a plugin with yaml of a host path as an object': plugin('kosmos-host', {
      pluginSources: { yaml: { path: { hostPath: { path: '/opt/pinion/a.yaml', nodeName: 'worker-1' } } } },
    }),
    'a plugin with yaml of a host path as a string': plugin('kosmos-host-text', {
      pluginSources: { yaml: { path: { hostPath: '/opt/pinion/a.yaml' } } },
    }),
    'a plugin with yaml of a uri': plugin('kosmos-uri', {
      pluginSources: { yaml: { path: { uri: 'https://files.example.com/a.yaml' } } },
    }),
    'a plugin with values as text': plugin('kosmos-text', {
      pluginSources: {
        chart: { storage: { pvPath: 'store:web' }, values: 'replicas: 2\nimage: {tag: "1"}\n' },
      },
    }),
  };
}

function clusterForms(namespace: string): Record<string, Manifest> {
  const cluster = (name: string, spec: object) => aVirtualCluster(namespace, name, [], withSpec(spec));
  return {
    'a cluster with everything': cluster('kosmos-all', {
      kubeconfig: Buffer.from(KUBECONFIG).toString('base64'),
      externalIP: '198.51.100.7',
      externalIps: ['198.51.100.7', '198.51.100.8'],
      promoteResources: {
        nodeInfos: [{ nodeName: 'worker-1' }, { nodeName: 'worker-2' }],
        resources: { cpu: 10, memory: '100Gi', 'nvidia.com/gpu': '2', 'example.com/a': '1.5k' },
      },
      promotePolicies: [
        {
          labelSelector: {
            matchLabels: { pool: 'a' },
            matchExpressions: [{ key: 'zone', operator: 'In', values: ['z1', 'z2'] }],
          },
          nodeCount: 2,
        },
        { nodeCount: 1 },
      ],
      pluginSet: { enabled: [{ name: 'metrics-server' }], disabled: [{ name: 'coredns' }] },
      pluginOptions: [
        { name: 'useTenantDNS', value: 'true' },
        { name: 'image-registry', value: 'registry.example.com' },
      ],
      kubeInKubeConfig: {
        admissionPlugins: true,
        anpMode: 'uds',
        apiServerReplicas: 3,
        apiServerServiceType: 'nodePort',
        clusterCIDR: '10.244.0.0/16',
        etcdStorageClass: 'local',
        etcdUnitSize: '10Gi',
        externalPort: 30443,
        forceDestroy: false,
        useNodeLocalDNS: true,
        useTenantDNS: true,
        tenantEntrypoint: { externalIps: ['198.51.100.9'], externalVips: ['198.51.100.10'] },
      },
    }),
    'a cluster with nodes by name': cluster('kosmos-nodes', {
      promoteResources: { nodes: ['worker-1'], resources: { cpu: '500m', memory: '1e9' } },
    }),
    'a cluster that leaves everything to defaults': cluster('kosmos-empty', {}),
    'a cluster with an empty set of plugins': cluster('kosmos-empty-set', { pluginSet: {} }),
  };
}

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://203.0.113.10:6443"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {token: not-a-token}}]
`;
