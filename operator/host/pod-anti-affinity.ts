/** An affinity that prefers different nodes for pods with these labels. */
export const apart = (matchLabels: Record<string, string>): object => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } },
      },
    ],
  },
});
