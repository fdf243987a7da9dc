import { provenBackup } from '../clients/backup'
import { contractBackups, schemaUsers } from '../domain/data-plan'
import { RefitError } from '../domain/errors'
import { notPast, type UserSeen } from '../domain/schema-users'
import type { Service } from '../domain/service'
import type { UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'

/** Phases of an upgrade in which it may still put back what ran before. */
const mayGoBack: ReadonlySet<string> = new Set(['preflight', 'expand', 'backfill', 'rollout', 'bake', 'rollback'])

/** Who still uses what contract removes, in words; empty when everybody is past it. What can't be read is not past. */
export const usersOfSchema =
  ({ store, kubernetes }: Pick<Dependencies, 'store' | 'kubernetes'>) =>
  async ({ planHash }: UpgradeKey): Promise<string[]> => {
    const users = schemaUsers(await store.plans.read(planHash))
    const placed = users.map((user) => ({ user, ...placeOf(user.service) }))
    const observed = await observe(
      kubernetes,
      placed.map(({ namespace }) => namespace),
    )
    if (typeof observed === 'string') return placed.map(({ user }) => `${user.service} (${observed})`)
    const open = await store.upgrades.listOpen()
    const waits: string[] = []
    for (const { user, namespace, name } of placed) {
      const service = observed.find((each) => each.namespace === namespace && each.name === name)
      const upgrade = open.find(
        (each) => each.namespace === namespace && each.service === name && mayGoBack.has(each.phase),
      )
      const rollouts = service ? await rolloutsOf(kubernetes, service) : {}
      const words = notPast(user, { service, rollouts, ...(upgrade ? { goesBackTo: upgrade.fromTag } : {}) })
      if (words) waits.push(words)
    }
    return waits
  }

/** Why a contract has no proof of a backup, in words; undefined when it has each that its policy asks for. */
export const backupForContract =
  ({ store, environment }: Pick<Dependencies, 'store' | 'environment'>) =>
  async ({ planHash }: UpgradeKey): Promise<string | undefined> => {
    for (const rule of contractBackups(await store.plans.read(planHash))) {
      const proof = await provenBackup(rule, environment, new Date())
      if (!proof.ok) return proof.reason
    }
    return undefined
  }

function placeOf(id: string): { namespace: string; name: string } {
  const slash = id.indexOf('/')
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) }
}

async function observe(kubernetes: Dependencies['kubernetes'], namespaces: string[]): Promise<Service[] | string> {
  try {
    return await kubernetes.observeServices([...new Set(namespaces)])
  } catch (error) {
    return unreadable(error)
  }
}

async function rolloutsOf(kubernetes: Dependencies['kubernetes'], service: Service): Promise<UserSeen['rollouts']> {
  const rollouts: Record<string, Awaited<ReturnType<typeof kubernetes.observeRollout>>> = {}
  for (const { kind, name, uid } of service.workloads)
    try {
      rollouts[name] = await kubernetes.observeRollout(service.namespace, { kind, name, uid })
    } catch (error) {
      unreadable(error)
    }
  return rollouts
}

/** In words; anything but a refusal of the cluster is a fault of Refit and thrown. */
function unreadable(error: unknown): string {
  if (error instanceof RefitError) return `can't be read: ${error.message.replace(/\.$/, '')}`
  throw error
}
