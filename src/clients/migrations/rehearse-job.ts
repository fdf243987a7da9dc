import { createHash, randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { RefitError } from '../../domain/errors'
import { judgeJob, type JobRehearsal } from '../../domain/migrations/job-rehearsal'
import { schemaChange, type SchemaItem } from '../../domain/migrations/schema-items'
import type { TableSizes } from '../../domain/migrations/size-band'
import { canonical } from '../../domain/plan'
import { clean } from '../../domain/text'
import type { JobState, Kubernetes, RehearsalSpec } from '../contracts'
import { openCopy, type Copy } from './job-copy'

export interface JobToRehearse {
  /** of a database on a throw-away server, with the schema of production */
  copyUrl: string
  /** how its address is called in errors */
  place: string
  job: Omit<RehearsalSpec, 'name' | 'url' | 'addresses' | 'port' | 'hosts'>
  sizes: TableSizes
  say: (text: string) => void
  /** waits between two looks; throws when the work is to end */
  pause: (ms: number) => Promise<void>
}

const lookEveryMs = 500
const shownLog = 600

/**
 * Runs an image's own migrations on a copy as a Job that can reach nothing else, twice, and judges what they changed
 * there. Copy, login, Job, Secret and NetworkPolicy are removed whatever happens. Throws KUBERNETES_*,
 * DATABASE_UNAVAILABLE, USAGE; CONFIG_INVALID for an address that no pod could reach.
 */
export async function rehearseJob(kubernetes: Kubernetes, asked: JobToRehearse): Promise<JobRehearsal> {
  const reach = await reachOf(asked.copyUrl, asked.place)
  asked.say('making the copy')
  const copy = await openCopy(asked.copyUrl)
  try {
    const start = await copy.look()
    const failure = await runOnce(kubernetes, asked, { ...reach, url: copy.url })
    const end = await copy.look()
    const again =
      failure === undefined ? await secondRun(kubernetes, asked, { ...reach, url: copy.url }, copy) : undefined
    const judged = judgeJob(
      {
        changes: schemaChange(start.items, end.items),
        rewritten: end.files.flatMap(([table, file]) => (hasOther(start.files, table, file) ? [table] : [])),
        ...(failure === undefined ? {} : { failure }),
        ...(again === undefined ? {} : { again }),
      },
      existedIn(start.items),
      asked.sizes,
    )
    const said = { ...judged, before: start.sha256, after: end.sha256 }
    return { ...said, digest: createHash('sha256').update(canonical(said)).digest('hex') }
  } finally {
    await copy.remove()
  }
}

type Reach = Pick<RehearsalSpec, 'addresses' | 'port' | 'hosts'>

async function secondRun(
  kubernetes: Kubernetes,
  asked: JobToRehearse,
  to: Reach & { url: string },
  copy: Copy,
): Promise<'same' | 'changes' | 'fails'> {
  const before = (await copy.look()).sha256
  if ((await runOnce(kubernetes, asked, to)) !== undefined) return 'fails'
  return (await copy.look()).sha256 === before ? 'same' : 'changes'
}

/** Undefined when the Job succeeded; else why not, with the end of its log. */
async function runOnce(
  kubernetes: Kubernetes,
  { job, say, pause }: JobToRehearse,
  to: Reach & { url: string },
): Promise<string | undefined> {
  const name = `refit-rehearsal-${randomBytes(6).toString('hex')}`
  const { namespace } = job
  try {
    await kubernetes.startRehearsal({ ...job, ...to, name })
    for (;;) {
      const state = await kubernetes.jobState(namespace, name)
      if (state.kind === 'succeeded') return undefined
      if (state.kind !== 'running') return failureOf(state, await kubernetes.jobLogs(namespace, name), to.url)
      say(`rehearsal ${name} runs`)
      await pause(lookEveryMs)
    }
  } finally {
    await kubernetes.endRehearsal(namespace, name)
  }
}

function failureOf(state: JobState, log: string, url: string): string {
  const { username, password, pathname } = new URL(url)
  // The same failure must read the same each time, and say nothing of how the copy is reached.
  const secrets = [url, password, username, pathname.slice(1)].filter((each) => each.length > 3)
  const told = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), clean(log.slice(-4_000), 4_000))
  const why = state.kind === 'failed' ? state.reason : 'it was deleted while it ran'
  return clean(told === '' ? why : `${why}; its log ends: ${told.slice(-shownLog)}`, 1_000)
}

/** Which addresses the pod must be let out to. A name goes along with its address: a pod here asks no DNS server. */
async function reachOf(copyUrl: string, place: string): Promise<Reach> {
  const url = new URL(copyUrl)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (url.protocol.startsWith('postgres') ? 5432 : 3306)
  const addresses = isIP(host) ? [host] : await addressesOf(host, place)
  const own = addresses.find((each) => /^127\.|^::1$|^0\.0\.0\.0$/.test(each))
  if (own !== undefined)
    throw new RefitError(
      'CONFIG_INVALID',
      `${place} names this machine itself (${own}): a pod can't reach it there.`,
      'Give rehearse.copy an address that pods reach.',
    )
  const [first = ''] = addresses
  return { addresses, port, hosts: isIP(host) ? {} : { [host]: first } }
}

async function addressesOf(host: string, place: string): Promise<string[]> {
  try {
    return [...new Set((await lookup(host, { all: true })).map(({ address }) => address))].sort()
  } catch (error) {
    throw new RefitError('DATABASE_UNAVAILABLE', `The host that ${place} names is not known.`, 'Check its address.', {
      cause: error,
    })
  }
}

const hasOther = (files: readonly [string, string | null][], table: string, file: string | null): boolean =>
  files.some(([name, was]) => name === table && was !== null && was !== file)

function existedIn(items: readonly SchemaItem[]): (kind: string, name: string) => boolean {
  const known = new Set(items.map(({ kind, name }) => `${kind} ${name}`))
  return (kind, name) => known.has(`${kind} ${name}`)
}
