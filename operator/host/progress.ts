/**
 * Reasons with which nothing is wrong: work is in progress, or was asked to stop. With any other a person has something
 * to do, so its Event is a Warning. docs/troubleshooting.md says of the same ones to wait.
 */
const PROGRESS: readonly string[] = [
  ...['Completed', 'Deleting', 'AllNodeDeleted', 'Suspended', 'InstallingPlugins', 'WaitingForNodes'],
  ...['ControlPlaneStarting', 'ControlPlaneUpdating'],
  ...['Creating', 'Starting', 'AgentAtWork', 'Draining', 'WaitingForRoom', 'NotWanted'],
  ...['WorkerLeaving', 'WorkersEnding', 'NodeDeleted', 'WorkerLost'],
  ...['JobCreating', 'JobDeleting', 'PodStarting', 'Fetching', 'Installing', 'PluginChanged'],
  ...['WaitingForCluster', 'WaitingForDependency', 'WaitingForSlot'],
];

/** Whether a reason only says how far the work is. */
export const isProgress = (reason: string): boolean => PROGRESS.includes(reason);
