import { type Case, condition, meta } from './case.ts';

const widget = { apiVersion: 'example.com/v1', kind: 'Widget', ...meta(), spec: {} };
/** Custom resources and their definitions. */
export const CUSTOM: Case[] = [
  { name: 'a custom resource without a status', is: 'Ready', object: widget },
  {
    name: 'a custom resource that is Ready',
    is: 'Ready',
    object: widget,
    status: { conditions: [condition('Ready')] },
  },
  {
    name: 'a custom resource that is not Ready',
    is: 'InProgress',
    object: widget,
    status: { conditions: [condition('Ready', 'False')] },
  },
  {
    name: 'a custom resource of which nobody knows whether it is Ready',
    is: 'InProgress',
    object: widget,
    status: { conditions: [condition('Ready', 'Unknown')] },
  },
  {
    name: 'a custom resource that is being reconciled',
    is: 'InProgress',
    object: widget,
    status: { conditions: [condition('Reconciling'), condition('Ready')] },
  },
  {
    name: 'a custom resource that is stalled',
    is: 'Failed',
    object: widget,
    status: { conditions: [condition('Ready', 'False'), condition('Stalled')] },
  },
  {
    name: 'a custom resource whose controller has not seen the newest generation',
    is: 'InProgress',
    object: widget,
    status: { observedGeneration: 0, conditions: [condition('Ready')] },
  },
  {
    name: 'a custom resource with another condition',
    is: 'Ready',
    object: widget,
    status: { observedGeneration: 1, conditions: [condition('Healthy', 'False')] },
  },
  {
    name: 'a custom resource that is being deleted',
    is: 'InProgress',
    object: { ...widget, ...meta({ finalizers: ['example.com/hold'] }) },
    status: { conditions: [condition('Ready')] },
    deleted: true,
  },
  { name: 'a definition that is established', is: 'Ready', object: definition('gears', 'Gear') },
  { name: 'a definition whose kind is taken', is: 'Failed', object: definition('sprockets', 'Widget') },
];

/** A definition of a namespaced kind of example.com with any fields and a status. */
export function definition(plural: string, kind: string) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}
