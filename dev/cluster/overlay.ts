import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { placeholder } from '#images/images.ts';
import type { Images } from '#images/publish.ts';
import { clone, layout } from '#local/layout.ts';

/** `host:5000/path/name:tag` as fields of kustomize; the tag's colon is the one after the last slash. */
export function imageFields(name: string, image: string): object {
  const colon = image.indexOf(':', image.lastIndexOf('/'));
  return { name: placeholder(name), newName: image.slice(0, colon), newTag: image.slice(colon + 1) };
}

/** Flags of the programs in deploy/. */
export type Flags = { both: string[]; operator: string[] };

const addFlags = (labelSelector: string, flags: string[]) => ({
  target: { kind: 'Deployment', labelSelector },
  patch: JSON.stringify(
    flags.map((value) => ({ op: 'add', path: '/spec/template/spec/containers/0/args/-', value })),
  ),
});

/** The patches that add the flags to operator and webhook. */
export function flagPatches({ both, operator }: Flags) {
  const all = 'app.kubernetes.io/name=pinion';
  return [addFlags(all, both), addFlags(`${all},app.kubernetes.io/component=operator`, operator)].filter(
    ({ patch }) => patch !== '[]',
  );
}

/** Writes a kustomization of deploy/ with these images and flags. @returns its folder */
export async function writeOverlay(images: Images, flags: Flags): Promise<string> {
  const folder = join(layout.root, 'deploy');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'executor-image.yaml'),
    await readFile(join(clone, 'deploy', 'executor-image.yaml')),
  );
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['../../deploy'],
    images: Object.entries(images).map(([name, image]) => imageFields(name, image)),
    replacements: [{ path: 'executor-image.yaml' }],
    patches: flagPatches(flags),
  };
  await writeFile(join(folder, 'kustomization.yaml'), dump(kustomization));
  return folder;
}
