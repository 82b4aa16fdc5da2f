import type { Payload, PayloadKind, PayloadOf } from '#api/contract/work-order.ts';
import type { RenderContext, Rendered, Renderer } from './rendered.ts';

/** The renderer of each kind of payload: a file and a row. Only the one that is needed is loaded. */
const RENDERERS: { [Kind in PayloadKind]: () => Promise<Renderer<PayloadOf<Kind>>> } = {
  chart: async () => (await import('./chart.ts')).renderChart,
  yaml: async () => (await import('./yaml.ts')).renderYaml,
  kustomize: async () => (await import('./kustomize.ts')).renderKustomize,
};

/** Turns a payload into what its deployer applies. @throws Failure */
export async function render(context: RenderContext, payload: Payload): Promise<Rendered> {
  const renderer = (await RENDERERS[payload.kind]()) as Renderer;
  return renderer(context, payload);
}
