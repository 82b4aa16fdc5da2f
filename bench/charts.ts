import { FILES_HOST, FILES_SECRET, NAMESPACE } from './names.ts';

const RELEASE = '"{{ .Release.Name }}"';

const deployment = (replicas: string, pod: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${RELEASE} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${RELEASE} } }
  template:
    metadata: { labels: { app: ${RELEASE} } }
    spec:
      ${pod}terminationGracePeriodSeconds: 0
      containers: [{ name: main, image: "{{ .Values.image }}", command: [sleep, infinity] }]
`;

const CONFIG_MAP = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${RELEASE} }\n`;

/** The objects that a usual chart has beside its Deployment. */
const SURROUNDINGS = `apiVersion: v1
kind: Service
metadata: { name: ${RELEASE} }
spec: { selector: { app: ${RELEASE} }, ports: [{ port: 80 }] }
---
${CONFIG_MAP}data: { colour: blue }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${RELEASE} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: ${RELEASE} }
rules: [{ apiGroups: [''], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ${RELEASE} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${RELEASE} }
subjects: [{ kind: ServiceAccount, name: ${RELEASE}, namespace: "{{ .Release.Namespace }}" }]
`;

const chart = (name: string, templates: string) => ({
  [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
  [`${name}/templates/all.yaml`]: templates,
});

/** Files of the charts that the benchmarks install, by path. */
export const CHARTS: Record<string, string> = {
  ...chart('bare', CONFIG_MAP),
  ...chart('pod', deployment('1', '')),
  ...chart(
    'six',
    `${deployment('{{ .Values.replicas }}', `serviceAccountName: ${RELEASE}\n      `)}---\n${SURROUNDINGS}`,
  ),
};

/** What is installed: a chart of the volume `store`, and how many objects it renders. */
export type Load = { what: string; objects: number; plugin: (image: string) => object };

const load = (chartName: string, replicas: number) => (image: string) => ({
  targetNamespace: NAMESPACE,
  pluginSources: { chart: { storage: { pvPath: `store:/pv/${chartName}` }, values: { image, replicas } } },
});

/** The four loads. The release name is left to Pinion: the name of the plugin. */
export const LOADS = {
  oneObject: { what: 'one object', objects: 1, plugin: load('bare', 0) },
  oneWithPod: {
    what: 'one object and its pod',
    objects: 1,

    plugin: load('pod', 1),
  },
  sixObjects: { what: 'six objects', objects: 6, plugin: load('six', 0) },
  sixWithPod: { what: 'six objects and a pod', objects: 6, plugin: load('six', 1) },
} satisfies Record<string, Load>;

/** The chart with one pod, as an archive on an HTTPS server with a private CA. */
export const fetchedPlugin = (image: string): object => ({
  targetNamespace: NAMESPACE,
  pluginSources: {
    chart: {
      storage: { uri: `https://${FILES_HOST}/pod.tgz`, secretRef: { name: FILES_SECRET } },
      values: { image },
    },
  },
});
