import { Failure } from '../../failure.ts';

/**
 * The options of the cluster that a chart's schema refuses, by Helm's error: `global` as a whole, or `global.<option>`.
 * Pure.
 */
export function refusedOptions(error: string, options: readonly string[]): string[] {
  if (!/specifications of the schema/.test(error)) return [];
  const lines = [...error.matchAll(/at '([^']*)': (.*?)(?=\s+- at '|$)/gs)];
  const refused = lines.flatMap(([, path = '', why = '']) => refusedBy(path, why, options));
  return options.filter((name) => refused.includes(name));
}

/** @param path JSON pointer of what is wrong @param why names what it refuses, in quotes */
function refusedBy(path: string, why: string, options: readonly string[]): readonly string[] {
  const [, top, option] = path.split('/');
  const named = [...why.matchAll(/'([^']*)'/g)].map(([, name = '']) => name);
  if (top === 'global' && option !== undefined) return [unescaped(option)];
  if (top !== 'global') return path === '' && named.includes('global') ? options : [];
  const those = options.filter((name) => named.includes(name));
  return named.length > 0 ? those : options;
}

/** As a JSON pointer writes it. */
const unescaped = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** A failure that options of the cluster have caused, with their names and how the plugin leaves them out. */
export function explainOptions(failure: Failure, options: readonly string[]): Failure {
  const refused = refusedOptions(failure.message, options);
  if (refused.length === 0) return failure;
  const rest = options.filter((name) => !refused.includes(name));
  const added = refused.map((name) => `global.${name}`).join(', ');
  const message = `the chart refuses ${added}, which pluginOptions of the VirtualCluster (${refused.join(', ')}) add to its values; leave them out with spec.options: [${rest.join(', ')}] of the plugin. ${failure.message}`;
  return new Failure(failure.reason, message, { cause: failure });
}
