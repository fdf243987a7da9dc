import { workloadKinds, type WorkloadKind } from '../../domain/service'
import type { CronJob, PodTemplate, WorkloadObject } from './wire'

/** Items of lists, and what tests write by hand, don't say their kind: those of Deployments are the ones that nobody marks. */
export const kindOf = ({ kind }: WorkloadObject): WorkloadKind =>
  workloadKinds.find((each) => each === kind) ?? 'Deployment'

/** What each list of workloads was asked for, so that its items say their kind. */
export const ofKind = <T extends WorkloadObject>(kind: WorkloadKind, object: T): T => ({ ...object, kind })

/** The pod template, wherever the kind keeps it. */
export const templateOf = ({ spec }: WorkloadObject): PodTemplate | undefined =>
  spec &&
  ('jobTemplate' in spec
    ? (spec as CronJob['spec'])?.jobTemplate.spec?.template
    : 'template' in spec
      ? spec.template
      : undefined)

/** Where the pod template lies in an object of this kind, as a JSON pointer. */
export const templatePath = (kind: WorkloadKind): string =>
  kind === 'CronJob' ? '/spec/jobTemplate/spec/template' : '/spec/template'

/** `statefulset hub/ledger`, for error texts. */
export const workloadWords = (kind: WorkloadKind, namespace: string, name: string): string =>
  `${kind.toLowerCase()} ${namespace}/${name}`
