import { durationWords } from '../../domain/text'
import { type Check, type DoctorParts, ok } from './check'

/** What a second more or less changes nothing of. */
const warnMs = 5_000
/** By then windows, ages and the end of tokens are plainly wrong. */
const failMs = 60_000
/** HTTP dates have no parts of a second. */
const halfSecondMs = 500

/** A clock against this machine's: how much it is ahead, and how far that can be off. */
interface Skew {
  whose: string
  aheadMs: number
  unsureMs: number
}

/**
 * This machine's clock against the database's, the API server's and, as far as a worker's polls show it, Temporal's. What
 * can't be asked is said elsewhere.
 */
export async function checkClocks(parts: Pick<DoctorParts, 'store' | 'kubernetes' | 'temporal'>): Promise<Check[]> {
  const asked = await Promise.allSettled([databaseSkew(parts), clusterSkew(parts), temporalSkew(parts)])
  const skews = asked.flatMap((each) => (each.status === 'fulfilled' && each.value ? [each.value] : []))
  const wrong = skews.flatMap(wrongClock)
  if (wrong.length > 0) return wrong
  const [database, cluster] = ['the database', 'the cluster'].filter((name) =>
    skews.some(({ whose }) => whose === name),
  )
  if (database === undefined) return []
  return [ok('clocks', `within ${durationWords(warnMs)} of ${[database, cluster].filter(Boolean).join(' and ')}`)]
}

async function databaseSkew({ store }: Pick<DoctorParts, 'store'>): Promise<Skew> {
  const { scans } = await store()
  // The first question may have to connect.
  await scans.now()
  return measured('the database', () => scans.now())
}

async function clusterSkew({ kubernetes }: Pick<DoctorParts, 'kubernetes'>): Promise<Skew | undefined> {
  const cluster = await kubernetes()
  await cluster.version()
  const found = await measured('the cluster', async () => {
    const { at } = await cluster.version()
    return at && new Date(at.getTime() + halfSecondMs)
  })
  return { ...found, unsureMs: found.unsureMs + halfSecondMs }
}

/** A poll that lies in the future came from a clock that is ahead; one in the past says nothing, it may be a minute old. */
async function temporalSkew({ temporal }: Pick<DoctorParts, 'temporal'>): Promise<Skew | undefined> {
  const { lastPollAt } = await (await temporal()).check()
  const aheadMs = lastPollAt === null ? 0 : lastPollAt.getTime() - Date.now()
  return aheadMs > 0 ? { whose: 'Temporal', aheadMs, unsureMs: 0 } : undefined
}

async function measured(whose: string, ask: () => Promise<Date | null>): Promise<Skew> {
  const before = Date.now()
  const at = await ask()
  const after = Date.now()
  const aheadMs = at === null ? 0 : at.getTime() - (before + after) / 2
  return { whose, aheadMs, unsureMs: (after - before) / 2 }
}

function wrongClock({ whose, aheadMs, unsureMs }: Skew): Check[] {
  const least = Math.abs(aheadMs) - unsureMs
  if (least < warnMs) return []
  return [
    {
      name: 'clocks',
      state: least < failMs ? 'warn' : 'fail',
      message: `the clock of ${whose} is ${durationWords(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`,
      next: 'Set the clocks by NTP on all of them: windows, ages, expiries and the order of events are counted by them.',
    },
  ]
}
