import { RefitError } from '../domain/errors'
import { serviceId } from '../domain/service'
import { clean, editDistance, wordList } from '../domain/text'
import type { ServiceKey, Store } from '../store/contracts'

interface KnownStore {
  decisions: Pick<Store['decisions'], 'list'>
  upgrades: Pick<Store['upgrades'], 'list'>
}

const upgradesLookedAt = 1_000

/** Every service that a scan decided on or that was ever upgraded, sorted. */
export async function knownServices(store: KnownStore): Promise<ServiceKey[]> {
  const [decisions, upgrades] = await Promise.all([
    store.decisions.list(),
    store.upgrades.list({ limit: upgradesLookedAt }),
  ])
  const byId = new Map<string, ServiceKey>()
  for (const { namespace, service } of [...decisions, ...upgrades])
    byId.set(`${namespace}/${service}`, { namespace, service })
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key)
}

/**
 * The service that a person means: `namespace/name`, or the name alone where it is unique. SERVICE_UNKNOWN with the
 * nearest names otherwise, USAGE when several have that name.
 */
export function findService(known: readonly ServiceKey[], text: string): ServiceKey {
  const exact = known.find((key) => idOf(key) === text)
  if (exact) return exact
  const named = known.filter(({ service }) => service === text)
  if (named.length > 1)
    throw new RefitError(
      'USAGE',
      `${text} is the name of ${named.length} services.`,
      `Say which: ${wordList(named.map(idOf))}.`,
    )
  if (named[0]) return named[0]
  const near = nearest(known.map(idOf), text)
  const next =
    known.length === 0
      ? 'No scan has seen a service yet: run refit scan.'
      : near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'refit status lists them.'
  throw new RefitError('SERVICE_UNKNOWN', `There is no service ${clean(text, 200)}.`, next)
}

/** The store's service of that name. */
export const lookUp = async (store: KnownStore, text: string): Promise<ServiceKey> =>
  findService(await knownServices(store), text)

const idOf = ({ namespace, service }: ServiceKey): string => serviceId({ namespace, name: service })

/** At most three that are a slip of the finger away, in full or by name alone. */
function nearest(ids: string[], text: string): string[] {
  const wanted = text.toLowerCase().slice(0, 200)
  const most = Math.max(1, Math.floor(wanted.length / 3))
  return ids
    .map((id) => ({
      id,
      distance: Math.min(
        editDistance(id.toLowerCase(), wanted),
        editDistance(id.slice(id.indexOf('/') + 1).toLowerCase(), wanted),
      ),
    }))
    .filter(({ id, distance }) => distance <= most || id.includes(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ id }) => id)
}
