/** The rows of a made-up hub with a long history. */
import { Client } from 'pg'
import type { Decision } from '../src/domain/decision'
import type { DecisionRow, Store } from '../src/store/contracts'

const perNamespace = 100
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

/** A decision with 40 explained tags for each, as a scan leaves it; one in ten is a candidate. */
export async function fillServices(store: Store, services: number): Promise<void> {
  const rows = Array.from({ length: services }, (_, position): DecisionRow => {
    const isOld = position % 10 === 0
    const repository = `registry.example.org/hub/service-${position}`
    const decision: Decision = {
      ...{ namespace: `hub-${Math.floor(position / perNamespace)}`, service: `service-${position}`, repository },
      ...{ kind: isOld ? 'candidate' : 'up-to-date', current: 'v1.0.0', currentDigest: digest('0') },
      reason: isOld ? 'v1.0.1 is newer' : 'v1.0.0 is the newest that the policy allows',
      ...(isOld ? { candidate: { tag: 'v1.0.1', digest: digest('1') } } : {}),
      ...{ policy: 'core', mode: 'approve', strategy: 'bugfix' },
      tags: Array.from({ length: 40 }, (_each, tag) => ({
        ...{ tag: `v0.${tag}.0`, verdict: 'older' as const, reason: 'it is older than what runs' },
      })),
    }
    return { decision, inputs: 'bench' }
  })
  const at = await store.scans.now()
  await store.decisions.save({ scanId: 'bench', readSince: at }, rows)
  await store.scans.save({ id: 'bench', startedAt: at, endedAt: at, complete: true, summary: 'bench' })
}

/** Upgrades over two years, all ended but the newest hundred; each with five events. Written by PostgreSQL itself. */
export async function fillHistory(
  url: string,
  { services, upgrades }: { services: number; upgrades: number },
): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(
      `insert into plan (hash, sha256, namespace, service, body)
       select lpad(to_hex(n), 12, '0'), lpad(to_hex(n), 64, '0'), 'hub-' || (n / $2), 'service-' || n, '{}'
       from generate_series(0, $1 - 1) n`,
      [services, perNamespace],
    )
    await client.query(
      `insert into upgrade (id, plan_hash, namespace, service, from_tag, to_tag, to_digest, phase, outcome, message, started_at, ended_at)
       select lpad(to_hex(n % $2), 12, '0') || '-' || (n / $2 + 1), lpad(to_hex(n % $2), 12, '0'),
         'hub-' || (n % $2 / $3), 'service-' || (n % $2), 'v1.0.' || (n / $2), 'v1.0.' || (n / $2 + 1),
         'sha256:' || lpad(to_hex(n), 64, '0'),
         case when n >= $1 - 100 then 'approval' else 'bake' end,
         case when n >= $1 - 100 then null else (array['succeeded', 'succeeded', 'succeeded', 'rolled-back', 'rejected'])[n % 5 + 1] end,
         'what became of it, in a sentence of usual length', now() - ($1 - n) * interval '50 minutes',
         case when n >= $1 - 100 then null else now() - ($1 - n) * interval '50 minutes' + interval '12 minutes' end
       from generate_series(0, $1 - 1) n`,
      [upgrades, services, perNamespace],
    )
    await client.query(
      `insert into upgrade_event (upgrade_id, key, at, phase, kind, by, verified, message)
       select id, 'e' || e, started_at + e * interval '1 minute', phase, 'entered',
         case when e = 1 then (array['ana', 'bob', 'eve'])[1 + length(service) % 3] end, true, 'an event of usual length'
       from upgrade, generate_series(1, 5) e`,
    )
    await client.query('analyze')
  } finally {
    await client.end()
  }
}
