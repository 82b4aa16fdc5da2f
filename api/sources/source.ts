import { z } from 'zod';

/** CEL: refuses a path with a `..` segment. */
const noParent = (what: string) => ({
  rule: "!self.matches('(^|[/:])\\\\.\\\\.(/|$)')",
  message: `${what} must not contain ".."; give the path as it is after ".." is resolved, like claim:/pv/charts/a`,
});

/** A name in the same namespace as the plugin. */
export const localName = z.string().min(1).max(253);

/** `limits` ends its description: where it has no effect, or is refused. */
export const secretReference = (limits: string) =>
  z
    .object({ name: localName.describe('Name of the Secret.') })
    .describe(
      `A Secret in the plugin's namespace, labelled kosmos.io/source-credentials=true, with any of username, password, token, ca.crt, .dockerconfigjson. It is given to the fetch step only. ${limits}`,
    );

const hostPath = z.union([
  z.string().min(1),
  z.object({ path: z.string().min(1), nodeName: z.string().min(1).optional() }),
]);

/** Where something comes from: exactly one of pvPath, hostPath and uri. */
export const source = z
  .object({
    pvPath: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .meta({ 'x-kubernetes-validations': [noParent('pvPath')] })
      .describe(
        "A path in a PersistentVolumeClaim of the plugin's namespace, as claim:path. An absolute path is as a pod sees it that mounts the claim at the first segment (claim:/pv/charts/a is charts/a in the volume); a relative one is inside the volume. Without a claim, the operator's --plugin-store-claim is meant.",
      ),
    hostPath: hostPath
      .optional()
      .meta({ typeless: true })
      .describe(
        'A path on a node: a string, or an object {path, nodeName}. Refused: outside of the prefixes that the administrator allows with --allow-host-path.',
      ),
    uri: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .meta({
        'x-kubernetes-validations': [
          noParent('uri'),
          {
            rule: "self.matches('^((https?|oci)://[^/]|file:///catalogue/[a-z0-9])')",
            message:
              'uri must be an https:// or oci:// address, like https://charts.example.com/web-1.2.0.tgz',
          },
        ],
      })
      .describe(
        'An https:// or oci:// address of a file or an archive (.tgz, .tar.gz, .tar), which is unpacked. In pinion-catalogue also file:///catalogue/NAME: a package that ships with Pinion. Refused: http://, unless the administrator says --source-secure-loose.',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .max(64)
      .optional()
      .describe(
        'The sha256 of what uri delivers, as 64 lower-case hex digits; anything else is not installed. Refused: beside anything but an https:// or oci:// uri.',
      ),
    secretRef: secretReference('Refused: beside anything but an https:// or oci:// uri.').optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!(has(self.pvPath) && has(self.uri))',
        message:
          'a source is exactly one of pvPath, hostPath and uri; keep one of them and remove the others',
      },
    ],
  });

export type Source = z.infer<typeof source>;
