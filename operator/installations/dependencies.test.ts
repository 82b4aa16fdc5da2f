import { expect, test } from 'vitest';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { PluginSetProblem } from '#api/plugin-set.ts';
import { observation, plugin } from '#test/observed.ts';
import { orderByDependencies } from './dependencies.ts';
import type { PluginObservation } from './observation.ts';
import { planPlugin } from './plan.ts';

type State = 'new' | 'installed' | 'failed' | 'blocked';

/** A plugin as it is observed, and what it depends on. */
function observed(name: string, state: State, ...dependencies: string[]): PluginObservation {
  const of = plugin({ dependsOn: dependencies.map((one) => ({ name: one })) });
  of.metadata.name = name;
  const recorded: Record<State, PluginStatus | undefined> = {
    new: undefined,
    blocked: undefined,
    installed: { name, phase: 'Installed', digest: 'digest-1' },
    failed: { name, phase: 'Failed', reason: 'VerifyTimeout', failedDigest: 'digest-1' },
  };
  const wrong = { reason: 'ClaimNotFound', message: 'no claim' };
  return observation({
    wanted: { plugin: of },
    recorded: recorded[state],
    ...(state === 'blocked' && { content: wrong }),
  });
}

const gone: PluginSetProblem = { reason: 'PluginNotFound', plugin: 'dns', message: 'no plugin dns' };
const off: PluginSetProblem = { reason: 'DependencyDisabled', plugin: 'dns', message: 'dns is disabled' };

type Row = {
  when: string;
  plugins: PluginObservation[];
  problems?: PluginSetProblem[];
  status: { phase: string; reason: string; message?: string | RegExp };
};

const web = (state: State, ...dependencies: string[]) => observed('web', state, ...dependencies);
const rows: Row[] = [
  {
    when: 'it depends on nothing',
    plugins: [web('new')],
    status: { phase: 'Installing', reason: 'JobCreating' },
  },
  {
    when: 'its dependency is installed',
    plugins: [observed('dns', 'installed'), web('new', 'dns')],
    status: { phase: 'Installing', reason: 'JobCreating' },
  },
  {
    when: 'its dependency is on its way',
    plugins: [observed('dns', 'new'), web('new', 'dns')],
    status: { phase: 'Pending', reason: 'WaitingForDependency', message: /plugin dns/ },
  },
  {
    when: 'its dependency waits for something itself',
    plugins: [observed('dns', 'blocked'), web('new', 'dns')],
    status: { phase: 'Pending', reason: 'WaitingForDependency', message: /plugin dns/ },
  },
  {
    when: 'its dependency failed',
    plugins: [observed('dns', 'failed'), web('new', 'dns')],
    status: { phase: 'Pending', reason: 'DependencyFailed', message: /plugin dns.*VerifyTimeout/ },
  },
  {
    when: 'one dependency is on its way and another failed',
    plugins: [observed('cni', 'new'), observed('dns', 'failed'), web('new', 'cni', 'dns')],
    status: { phase: 'Pending', reason: 'DependencyFailed', message: /plugin dns/ },
  },
  {
    when: 'its dependency does not exist',
    plugins: [web('new', 'dns')],
    problems: [gone],
    status: { phase: 'Pending', reason: 'DependencyNotFound', message: 'no plugin dns' },
  },
  {
    when: 'its dependency is disabled',
    plugins: [web('new', 'dns')],
    problems: [off],
    status: { phase: 'Pending', reason: 'DependencyDisabled', message: 'dns is disabled' },
  },
  {
    when: 'it depends on itself by way of others',
    plugins: [observed('a', 'new', 'b'), observed('b', 'new', 'web'), web('new', 'a')],
    status: { phase: 'Pending', reason: 'DependencyCycle', message: /web → a → b → web/ },
  },
  {
    when: 'two of its dependencies depend on a third, which is no circle',
    plugins: [
      observed('a', 'installed', 'dns'),
      observed('b', 'installed', 'dns'),
      observed('dns', 'installed'),
      web('new', 'a', 'b'),
    ],
    status: { phase: 'Installing', reason: 'JobCreating' },
  },
  {
    when: 'it is installed already, whatever became of its dependency',
    plugins: [observed('dns', 'failed'), web('installed', 'dns')],
    status: { phase: 'Installed', reason: 'Installed' },
  },
];

test.each(rows)('the order of plugins, when $when: $status.reason', ({ plugins, problems = [], status }) => {
  const [found] = orderByDependencies(plugins, problems).filter(
    ({ wanted }) => wanted.plugin.metadata.name === 'web',
  );
  const plan = found && planPlugin(found);
  const { phase, reason, message } = status;
  expect(plan?.status).toMatchObject({ phase, ...(phase !== 'Installed' && { reason }) });
  if (message !== undefined) expect(plan?.status.message).toMatch(message);
});

test('what holds everything goes before what holds one', () => {
  const hold = { reason: 'Suspended', message: 'spec.suspend is true' };
  const plugins = [observed('dns', 'new'), { ...web('new', 'dns'), hold }];
  expect(orderByDependencies(plugins, []).at(-1)?.hold).toEqual(hold);
});
