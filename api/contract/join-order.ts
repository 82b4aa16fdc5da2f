import { z } from 'zod';

/**
 * What a machine or a worker pod needs to become a node of a managed cluster: written by the operator, read by the node
 * agent. Its only credential is a bootstrap token.
 */
export const joinOrder = z.object({
  nodeName: z.string().min(1).max(253).describe('Name of the node in the tenant cluster.'),
  nodeUid: z.string().min(1).max(128).describe('Uid of the VirtualCluster: a node joins one at a time.'),
  server: z.url().describe('The API server as the node reaches it, https://host:port.'),
  authority: z.string().min(1).describe('CA certificates of the API server, PEM.'),
  bootstrapToken: z
    .string()
    .regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
    .describe('Valid for one certificate request.'),
  clusterDomain: z.string().min(1).max(253),
  dnsAddress: z.string().min(1).max(64).describe("Service address of the tenant's DNS."),
  podRange: z.string().min(1).max(64).describe('CIDR of all pods of the tenant.'),
  serviceRange: z.string().min(1).max(64).describe('CIDR of all Services of the tenant.'),
  pauseImage: z.string().min(1).max(512),
  insecureRegistries: z
    .array(z.string().min(1).max(253))
    .max(16)
    .describe('host:port of registries without TLS.'),
  labels: z.record(z.string(), z.string()).describe('Labels that the node registers with.'),
  capacity: z
    .object({ cpuMillis: z.number().int().positive(), memoryBytes: z.number().int().positive() })
    .optional()
    .describe('Upper limit of what the node offers; absent: the whole machine.'),
});
export type JoinOrder = z.infer<typeof joinOrder>;
