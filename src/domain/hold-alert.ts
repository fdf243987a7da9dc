import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import type { WorkloadKind } from './service'

/** A workload whose rollout stands still, and the upgrade that held it. */
export interface LeftHold {
  namespace: string
  service: string
  workload: { kind: WorkloadKind; name: string }
  upgradeId: string
}

/** What became of it: let go on, or left standing for a person, with the reason in words. */
export type HoldEnd = { kind: 'let-go' } | { kind: 'left'; because: string }

/** A rollout that nobody watches any more must not stand still unnoticed: told once per upgrade and workload. */
export function holdAlert(hub: Hub, { namespace, service, workload, upgradeId }: LeftHold, end: HoldEnd): Alert {
  const name = `${namespace}/${service}`
  const what = `${workload.kind} ${workload.name}`
  const words =
    end.kind === 'let-go'
      ? `the rollout of *${plain(what)}* stood still for an upgrade that has ended; it goes on to its template`
      : `the rollout of *${plain(what)}* stands still, held by Refit for upgrade ${plain(upgradeId)}: ${plain(end.because)}. Old and new pods serve side by side until somebody decides`
  return {
    key: `hold/${end.kind}/${upgradeId}/${workload.kind}/${workload.name}`,
    level: end.kind === 'let-go' ? 'info' : 'page',
    hub: hub.name,
    title: end.kind === 'let-go' ? `${name}: a rollout goes on` : `${name}: a rollout stands still half way`,
    text: [
      ...(end.kind === 'left' ? [codeBlock([`refit status ${name}`, ...letGo(namespace, workload)])] : []),
      `${hubName(hub)}: ${words}.`,
    ].join('\n'),
    thread: upgradeId,
    ...(end.kind === 'let-go' ? { aside: true } : {}),
    facts: { namespace, service, workload: workload.name, upgradeId },
  }
}

/** By hand, as long as the worker may not or must not. */
function letGo(namespace: string, { kind, name }: LeftHold['workload']): string[] {
  if (kind === 'Deployment') return [`kubectl -n ${namespace} rollout resume deployment/${name}`]
  const patch = JSON.stringify({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } })
  return [`kubectl -n ${namespace} patch ${kind.toLowerCase()}/${name} -p '${patch}'`]
}
