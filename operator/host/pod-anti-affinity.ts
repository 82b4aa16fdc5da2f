/** An affinity that prefers a different node for each pod with these labels. */
export const podAntiAffinity = (matchLabels: Record<string, string>): object => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } },
      },
    ],
  },
});
