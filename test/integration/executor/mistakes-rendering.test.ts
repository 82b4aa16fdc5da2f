import { aDeployment, anObject, CHART, type Mistake, objects, testMistakes } from './mistakes.ts';

const template = (text: string) => ({ 'templates/a.yaml': text });
const map = template(objects(anObject('ConfigMap')));

/** What is wrong before anything reaches the API server: no retry helps. */
const MISTAKES: Mistake[] = [
  {
    name: 'a template that fails on purpose',
    files: template('{{ fail "colour must be a shade" }}'),
    reason: 'RenderFailed',
    says: /web\/templates\/a\.yaml:1:3\): colour must be a shade; correct the template or the values/,
  },
  {
    name: 'a value that is required',
    files: template('a: {{ required "give an image" .Values.image }}'),
    reason: 'RenderFailed',
    says: /give an image; correct .* values/,
  },
  {
    name: 'a value of a parent that is not there',
    files: template('a: {{ .Values.image.tag.name }}'),
    reason: 'RenderFailed',
    says: /web\/templates\/a\.yaml:1:\d+ .*<\.Values\.image\.tag\.name>.*nil pointer/,
  },
  {
    name: 'a template that does not parse',
    files: template('{{ if }}'),
    reason: 'RenderFailed',
    says: /parse error at \(web\/templates\/a\.yaml:1\): missing value for if/,
  },
  {
    name: 'a function that Helm does not have',
    files: template('{{ shade .Values }}'),
    reason: 'RenderFailed',
    says: /function "shade" not defined/,
  },
  {
    name: 'a named template that is not there',
    files: template('a: {{ include "web.labels" . }}'),
    reason: 'RenderFailed',
    says: /no template "web\.labels"/,
  },
  {
    name: 'a function that is given the wrong type',
    files: template('a: {{ index .Values.list 3 }}'),
    reason: 'RenderFailed',
    says: /web\/templates\/a\.yaml.*index/,
  },
  {
    name: 'what renders to no YAML',
    files: template('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\ndata: [1'),
    reason: 'RenderFailed',
    says: /YAML parse error on web\/templates\/a\.yaml.*line 3/,
  },
  {
    name: 'what renders to plain text',
    files: template('just words'),
    reason: 'RenderFailed',
    says: /web\/templates\/a\.yaml.*not a Kubernetes object/,
  },
  {
    name: 'what renders to a list',
    files: template('- a\n- b'),
    reason: 'RenderFailed',
    says: /web\/templates\/a\.yaml.*not a Kubernetes object/,
  },
  {
    name: 'an object without a kind',
    files: template(objects({ apiVersion: 'v1', metadata: { name: 'a' } })),
    reason: 'RenderFailed',
    says: /Object 'Kind' is missing/,
  },
  {
    name: 'a label that is no text',
    files: template(objects(anObject('ConfigMap', { metadata: { labels: { on: true } } }))),
    reason: 'RenderFailed',
    says: /cannot unmarshal bool.*labels of type string/,
  },
  {
    name: 'values that the schema refuses',
    files: {
      ...map,
      'values.yaml': 'port: abc',
      'values.schema.json': '{"properties":{"port":{"type":"integer"}}}',
    },
    reason: 'RenderFailed',
    says: /web: - at '\/port': got string, want integer; give the values that the chart's values\.schema\.json/,
  },
  {
    name: 'a schema that is at another host',
    files: { ...map, 'values.schema.json': '{"$ref":"https://schemas.example.com/a.json"}' },
    reason: 'RenderFailed',
    says: /refers to another host.*put that schema into the chart/,
  },
  {
    name: 'a chart for another Kubernetes',
    files: { ...map, 'Chart.yaml': `${CHART}kubeVersion: ">= 9.9"\n` },
    reason: 'RenderFailed',
    says: /kubeVersion: >= 9\.9.*made for the target's Kubernetes/,
  },
  {
    name: 'a library chart',
    files: { ...map, 'Chart.yaml': `${CHART}type: library\n` },
    reason: 'SourceInvalid',
    says: /library charts are not installable/,
  },
  {
    name: 'a chart whose version is none',
    files: { ...map, 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: one\n' },
    reason: 'SourceInvalid',
    says: /version "one" is invalid; correct the chart/,
  },
  {
    name: 'a chart whose values are no YAML',
    files: { ...map, 'values.yaml': 'a: [1' },
    reason: 'SourceInvalid',
    says: /cannot load values\.yaml.*not YAML/,
  },
  {
    name: 'a subchart that is no archive',
    files: { ...map, 'charts/redis-1.0.0.tgz': 'no archive' },
    reason: 'SourceInvalid',
    says: /redis-1\.0\.0\.tgz in web.*correct the chart/,
  },
  {
    name: 'a file of values that is no YAML',
    files: { ...map, '/values-file/v.yaml': 'a: [1' },
    reason: 'SourceInvalid',
    says: /correct the file of values/,
    order: {
      install: {
        kind: 'chart',
        chart: { slot: 'chart', path: 'web' },
        releaseName: 'web',
        valuesFiles: [{ from: 'source', source: { slot: 'values-file', path: '' } }],
        wait: true,
      },
    },
  },
  {
    name: 'a kind of a built-in group that is misspelt',
    files: template(objects({ ...aDeployment(), kind: 'Deploymint' })),
    reason: 'ApplyRejected',
    says: /no matches for kind "Deploymint".*kubectl api-resources/,
  },
];

testMistakes('chart', MISTAKES);
