/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { type Before, decideRepository } from '../../src/activities/decide-repository'
import type { ObservedService } from '../../src/activities/question'
import type { Rulings } from '../../src/activities/rulings'
import type { Registry } from '../../src/clients/contracts'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import { parseConfig } from '../../src/config'
import { withDigest } from '../../src/domain/age'
import type { TagSeen } from '../../src/domain/decide'
import type { RefitError } from '../../src/domain/errors'
import type { DecisionRow, KnownRepository } from '../../src/store/contracts'
import { digest, repository, service } from '../domain/fixtures'

export const configOf = (rules = '') =>
  parseConfig({
    name: 'refit.yaml',
    env: {},
    text: `hub: { name: green-hub, environment: test }
policies: [{ name: core, select: { namespaces: [hub, other], images: ['*/hub/*'] }${rules} }]\n`,
  })
export const nobody: Rulings = { quarantine: [], held: [], marks: [], rejected: [] }
export const observed = (namespace = 'hub'): ObservedService => ({ service: service({ namespace }), platforms: [] })

/** A registry and a store that remember, so that one scan after the other can be played. */
export function scansOfRepository(rules = '') {
  const registry = { tags: ['v1.0.0', 'v1.0.1'], digests: { 'v1.0.0': digest('a'), 'v1.0.1': digest('b') } }
  const digests: Record<string, string> = registry.digests
  const asked: string[] = []
  const seen: Record<string, TagSeen> = {}
  const world = {
    ...{ registry, digests, asked, seen, rulings: nobody, config: configOf(rules) },
    failing: undefined as undefined | { list?: RefitError; head?: RefitError },
    repository: undefined as KnownRepository | undefined,
    decisions: new Map<string, DecisionRow>(),
    kept: undefined as string[] | undefined,
    signatures: [] as FoundSignature[],
    /** trusts the doubted list, as a person does */
    accept() {
      const { hash, missing } = world.repository!.doubted!
      world.repository = { ...world.repository!, accepted: hash, acceptedMissing: missing, doubted: null }
    },
    /** plays a scan; what it keeps is what the next one knows */
    async scan(services = [observed()]) {
      asked.length = 0
      const before: Before = {
        ...(world.repository ? { repository: world.repository } : {}),
        decisions: world.decisions,
      }
      const result = await decideRepository(deps(), services, world.rulings, before, Date.now())
      for (const row of result.changed) world.decisions.set(`${row.decision.namespace}/${row.decision.service}`, row)
      keep(result.read)
      return { ...result, asked: [...asked], kinds: result.changed.map(({ decision }) => decision.kind) }
    },
    decision: () => world.decisions.get('hub/ledger')?.decision,
  }
  const keep = (read: Awaited<ReturnType<typeof decideRepository>>['read']): void => {
    if (!read) return
    const last = world.repository ?? {
      ...{ repository, path: 'hub/ledger', tagCount: 0, hash: '', readAt: null },
      ...{ tagsHash: '', error: null, doubted: null, accepted: null, acceptedMissing: [] },
    }
    if (read.error) world.repository = { ...last, error: { ...read.error, at: new Date() } }
    else if (read.doubted) world.repository = { ...last, error: null, doubted: read.doubted }
    else world.repository = { ...last, error: null, doubted: null }
    if (!read.list) return
    const { hash, tagsHash, tags } = read.list
    const accepted = last.accepted === tagsHash ? tagsHash : null
    world.repository = { ...world.repository, hash, tagsHash, tagCount: tags.length, accepted }
    world.kept = read.list.tags
  }
  const client: Partial<Registry> = {
    async listTags(_, { known } = {}) {
      asked.push('list')
      if (world.failing?.list) throw world.failing.list
      const hash = registry.tags.join()
      return hash === known?.hash ? 'unchanged' : { tags: [...registry.tags], hash }
    },
    async digestOf(_, tag) {
      asked.push(`HEAD ${tag}`)
      if (world.failing?.head) throw world.failing.head
      return digests[tag]
    },
    imageFacts: async () => undefined,
    async signatures(_, of) {
      asked.push(`signatures ${of.slice(0, 8)}`)
      return world.signatures
    },
  }
  const store = {
    repositories: { tags: async () => world.kept },
    seen: {
      note: async (_: string, tags: string[]) => {
        for (const tag of tags) seen[tag] ??= { firstSeenAt: Date.now(), baseline: false }
      },
      noteDigest: async (_: string, tag: string, found: string) => {
        return (seen[tag] = withDigest(seen[tag], found, Date.now()))
      },
      read: async () => ({ ...seen }),
      prune: async () => undefined,
    },
    marks: {
      bind: async (_: unknown, version: string, found: string) => {
        const mark = world.rulings.marks.find((each) => each.version === version)
        if (mark) mark.digest ??= found
        return mark?.digest ?? undefined
      },
    },
    images: { read: async () => undefined, save: async () => undefined },
  }
  const deps = () =>
    ({ config: world.config, registry: client, store }) as unknown as Parameters<typeof decideRepository>[0]
  return world
}
