import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { type Program, placeholder, programNames } from '#images/images.ts';
import { clone, layout } from '#local/layout.ts';

/** `host:5000/path/name:tag` in kustomize's words; the tag's colon is the one after the last slash. */
export function imageFields(program: Program, image: string): object {
  const colon = image.indexOf(':', image.lastIndexOf('/'));
  return { name: placeholder(program), newName: image.slice(0, colon), newTag: image.slice(colon + 1) };
}

/** Writes a kustomization of deploy/ with these images and flags for operator and webhook; gives its folder. */
export async function writeOverlay(images: Record<Program, string>, flags: string[]): Promise<string> {
  const folder = join(layout.root, 'deploy');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'executor-image.yaml'),
    await readFile(join(clone, 'deploy', 'executor-image.yaml')),
  );
  const patch = flags.map((value) => ({ op: 'add', path: '/spec/template/spec/containers/0/args/-', value }));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['../../deploy'],
    images: programNames.map((program) => imageFields(program, images[program])),
    replacements: [{ path: 'executor-image.yaml' }],
    patches: [
      {
        target: { kind: 'Deployment', labelSelector: 'app.kubernetes.io/name=pinion' },
        patch: JSON.stringify(patch),
      },
    ],
  };
  await writeFile(join(folder, 'kustomization.yaml'), dump(kustomization));
  return folder;
}
