/** An affinity by which pods of these labels go to different nodes where there are several. */
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
