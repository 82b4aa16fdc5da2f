/** `make images`: builds every image from public bases and pushes it. */
import { parseArgs } from 'node:util';
import { buildCommand, findEngine, pushCommand, show } from './engine.ts';
import { contentTag, type Program, placeholder, programNames } from './images.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const HELP = `Usage: make images REGISTRY=host/path [TAG=tag] [BASE=image] [GO=image]

Builds the images operator, webhook and executor with docker or buildah and pushes them to host/path.

  REGISTRY   where they go, like registry.example.com/pinion
  TAG        default a hash of the content, so that equal sources have equal tags
  BASE       image with Node.js 24, default node:24-bookworm-slim
  GO         image with Go 1.26, default golang:1.26-bookworm
`;

function nextSteps(images: [Program, string][]): string {
  const pairs = images.map(([program, image]) => `${placeholder(program)}=${image}`);
  return `
Pushed. Install them with

  ( cd deploy && kustomize edit set image \\
      ${pairs.join(' \\\n      ')} )
  kubectl apply -k deploy/
`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      registry: { type: 'string' },
      tag: { type: 'string' },
      base: { type: 'string' },
      go: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const registry = values.registry?.replace(/\/+$/, '');
  if (values.help || !registry) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const engine = await findEngine();
  if (engine === undefined) {
    process.stderr.write('neither docker (with its daemon) nor buildah is here; install one of them\n');
    return 1;
  }
  const tools = `${registry}/tools:${values.tag ?? 'latest'}`;
  const base = values.base ? { BASE: values.base } : {};
  await show(
    buildCommand(engine, {
      dockerfile: `${root}/images/tools/Dockerfile`,
      context: `${root}/images/tools`,
      args: values.go ? { GO: values.go } : {},
      image: tools,
    }),
  );
  const images: [Program, string][] = [];
  for (const program of programNames) {
    const tag = values.tag || (await contentTag(root, program, [values.base ?? '']));
    const image = `${registry}/${program}:${tag}`;
    const args = { ...base, ...(program === 'executor' ? { TOOLS: tools } : {}) };
    await show(
      buildCommand(engine, { dockerfile: `${root}/images/${program}/Dockerfile`, context: root, args, image }),
    );
    await show(pushCommand(engine, image));
    images.push([program, image]);
  }
  process.stdout.write(nextSteps(images));
  return 0;
}

process.exitCode = await main();
