/** `make deploy`: builds what changed and installs it on the local cluster, or on that of CLUSTER=existing. */
import { Progress } from '#local/progress.ts';
import { prepareCluster } from './cluster.ts';

const progress = new Progress();
try {
  const { images } = await prepareCluster(progress);
  progress.close();
  for (const [name, image] of Object.entries(images)) process.stdout.write(`${name.padEnd(24)} ${image}\n`);
} catch (error) {
  progress.close();
  process.stderr.write(`\nmake deploy: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
