import { groupOf } from '../manifests/inventory-entry.ts';
import type { LiveObject, Readiness } from './readiness.ts';
import {
  byClaim,
  byDaemonSet,
  byDefinition,
  byDeployment,
  byJob,
  byPod,
  byReplicaSet,
  byStatefulSet,
} from './rules.ts';

/** Where objects of a kind are, and the rule of the kind; without one only the shared rules hold. */
type Kind = { resource: string; namespaced: boolean; rule?: (object: LiveObject) => Readiness };

/** Kinds of Kubernetes's own groups that can be unready, by group and kind. All others of these groups are ready at once. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'apps/Deployment': { resource: 'deployments', namespaced: true, rule: byDeployment },
  'apps/StatefulSet': { resource: 'statefulsets', namespaced: true, rule: byStatefulSet },
  'apps/DaemonSet': { resource: 'daemonsets', namespaced: true, rule: byDaemonSet },
  'apps/ReplicaSet': { resource: 'replicasets', namespaced: true, rule: byReplicaSet },
  'batch/Job': { resource: 'jobs', namespaced: true, rule: byJob },
  '/Pod': { resource: 'pods', namespaced: true, rule: byPod },
  '/PersistentVolumeClaim': { resource: 'persistentvolumeclaims', namespaced: true, rule: byClaim },
  'apiextensions.k8s.io/CustomResourceDefinition': {
    resource: 'customresourcedefinitions',
    namespaced: false,
    rule: byDefinition,
  },
  // Their controllers write which generation they have seen.
  '/ReplicationController': { resource: 'replicationcontrollers', namespaced: true },
  'policy/PodDisruptionBudget': { resource: 'poddisruptionbudgets', namespaced: true },
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': {
    resource: 'validatingadmissionpolicies',
    namespaced: false,
  },
  'networking.k8s.io/ServiceCIDR': { resource: 'servicecidrs', namespaced: false },
};

const OWN_GROUPS = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

type Typed = { apiVersion: string; kind: string };

/** Key of `KINDS`: group and kind. */
export const kindOf = ({ apiVersion, kind }: Typed) => `${groupOf(apiVersion)}/${kind}`;

/** Whether objects of this kind can be unready, so that they have to be read. */
export const canBeUnready = (object: Typed) =>
  kindOf(object) in KINDS || !OWN_GROUPS.has(groupOf(object.apiVersion));
