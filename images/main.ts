/** `make images`: builds every image from public bases and pushes it. */
import { parseArgs } from 'node:util';
import { placeholder } from './images.ts';
import { type Images, publishImages } from './publish.ts';

const HELP = `Usage: make images REGISTRY=host/path [TAG=tag] [BASE=image] [GO=image]

Builds the images of Pinion, control planes and worker pods with docker or buildah, and pushes them to host/path.

  REGISTRY   where to push, like registry.example.com/pinion
  TAG        tag of all images; default: a hash of each image's content
  BASE       image with Node.js 24; default: node:24-bookworm-slim
  GO         image with Go 1.26; default: golang:1.26-bookworm
`;

function nextSteps(images: Images): string {
  const pairs = Object.entries(images).map(([name, image]) => `${placeholder(name)}=${image}`);
  return `
Pushed. Install them with

  ( cd deploy && kustomize edit set image \\
      ${pairs.join(' \\\n      ')} )
  make install        # or: kubectl apply --server-side -k deploy/, then -k deploy/catalogue
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
  const { registry, tag, base, go } = values;
  if (values.help || !registry) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const images = await publishImages({
    registry,
    tag: tag || undefined,
    base: base || undefined,
    go: go || undefined,
  });
  process.stdout.write(nextSteps(images));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
