/** Docker Hub by every name that people and tools write; the last is where it answers. */
const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** The host that a registry's name is dialled at, and that its credentials are bound to. */
export const registryHost = (name: string): string =>
  DOCKER_HUB.includes(name.toLowerCase()) ? 'registry-1.docker.io' : name;
