import type { TestProject } from 'vitest/node';
import { prepareCluster } from '#dev/cluster/cluster.ts';
import { Progress } from '#local/progress.ts';
import '../provided.ts';

/** The cluster with Pinion on it; it stays up afterwards. */
export default async function setup(project: TestProject): Promise<void> {
  const progress = new Progress();
  try {
    const { kubeconfig, images } = await prepareCluster(progress);
    project.provide('kubeconfig', kubeconfig);
    project.provide('executorImage', images.executor);
  } finally {
    progress.close();
  }
}
