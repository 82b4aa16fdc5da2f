import type { Rendered } from '../render/rendered.ts';
import type { DeployContext, Deployed, Deployer, DeployerName, RenderedFor } from './context.ts';

/** How what was rendered gets into the target. Only the deployer that is needed is loaded. */
const DEPLOYERS: { [Name in DeployerName]: () => Promise<Deployer<RenderedFor<Name>>> } = {
  helm: async () => (await import('./helm/deploy-chart.ts')).deployChart,
  manifests: async () => (await import('./manifests/apply.ts')).deployManifests,
};

/** Applies what was rendered, then looks what is left where the plugin was before. @throws Failure */
export async function deploy(context: DeployContext, rendered: Rendered): Promise<Deployed> {
  const deployer = (await DEPLOYERS[rendered.deployer]()) as Deployer;
  const deployed = await deployer(context, rendered);
  if (context.order.former === undefined) return deployed;
  const { lookAtFormer } = await import('./former.ts');
  return { ...deployed, ...(await lookAtFormer(context)) };
}
