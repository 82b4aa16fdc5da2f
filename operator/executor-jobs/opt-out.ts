type WithMetadata = {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
};

/** A pod template that declines sidecars, except where it says something else itself. Pure. */
export function withOptOut<T extends WithMetadata>(template: T): T {
  const { labels, annotations } = template.metadata;
  return {
    ...template,
    metadata: {
      labels: { ...OPT_OUT.labels, ...labels },
      annotations: { ...OPT_OUT.annotations, ...annotations },
    },
  };
}

/**
 * How a pod asks to be left without a sidecar, by the conventions of those who inject them: a container that never ends
 * would keep an executor's pod, and with it the Job, from ending. Each is a fact of that project's documentation.
 */
export const OPT_OUT = {
  labels: {
    'sidecar.istio.io/inject': 'false',
    'kuma.io/sidecar-injection': 'disabled',
    'admission.datadoghq.com/enabled': 'false',
  },
  annotations: {
    'sidecar.istio.io/inject': 'false',
    'linkerd.io/inject': 'disabled',
    'kuma.io/sidecar-injection': 'disabled',
    'consul.hashicorp.com/connect-inject': 'false',
    'openservicemesh.io/sidecar-injection': 'disabled',
    'injector.nsm.nginx.com/auto-inject': 'false',
    'appmesh.k8s.aws/sidecarInjectorWebhook': 'disabled',
    'vault.hashicorp.com/agent-inject': 'false',
    'dapr.io/enabled': 'false',
    'sidecar.opentelemetry.io/inject': 'false',
    'sidecar.jaegertracing.io/inject': 'false',
  },
} as const;
