import type { Report } from '#api/contract/report.ts';
import type { RenderContext, Rendered } from '../render/rendered.ts';
import type { TargetClient } from '../target/client.ts';

/** What every deployer gets besides the renderers' context. */
export type DeployContext = RenderContext & {
  client: TargetClient;
  /** Address of the target's API server. */
  server: string;
  /** Called when nothing of the plugin is installed yet, so that SIGTERM may let the work finish. */
  markFirst: () => void;
  /** Called when SIGTERM may end the work again: what is left, another pod can go on with. */
  endGrace: () => void;
};

/**
 * What a deployer did, for the report. `revision` and `chartVersion` are those of a Helm release; `left` are objects of
 * the plugin that it no longer has.
 */
export type Deployed = { summary: string } & Pick<Report, 'revision' | 'chartVersion' | 'left' | 'former'>;

export type DeployerName = Rendered['deployer'];
export type RenderedFor<Name extends DeployerName> = Extract<Rendered, { deployer: Name }>;

/** @throws Failure */
export type Deployer<R extends Rendered = Rendered> = (
  context: DeployContext,
  rendered: R,
) => Promise<Deployed>;
