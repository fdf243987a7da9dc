import type { Scope } from '../../src/domain/people'
import type { Store } from '../../src/store/contracts'
import { fakeTemporal, plan } from '../operations/support'
import { testDatabases, type TestDatabases } from '../support/database'
import { secretOf } from '../support/tokens'
import { serve } from './support'

export const people = [
  { name: 'ana', groups: ['tech-ops'] },
  { name: 'mallory', groups: ['emergency'] },
]
export const status = '/api/v1/services'
export const ledger = '/api/v1/services/hub/ledger'
export type Method = 'GET' | 'POST'

/** A real store with the open upgrade of hub/ledger, and a token of ana's for each scope; `remove` it. */
export interface RealApi {
  databases: TestDatabases
  store: Store
  url: string
  planHash: string
  secrets: Record<Scope, string>
}

export async function openRealApi(): Promise<RealApi> {
  const databases = await testDatabases()
  const { store, url } = await databases.store()
  const planHash = await store.plans.save(plan)
  await store.upgrades.open(plan, planHash)
  const secrets = {} as Record<Scope, string>
  for (const scope of ['viewer', 'approver', 'operator', 'admin'] as const)
    secrets[scope] = await secretOf(store, 'ana', scope)
  return { databases, store, url, planHash, secrets }
}

/** An API over the real store and a Temporal that answers as told; closed after the test. */
export async function realServer(
  { store }: RealApi,
  script: Parameters<typeof fakeTemporal>[0] = {},
  more: Parameters<typeof serve>[0] = {},
) {
  const { temporal, sent } = fakeTemporal(script)
  const served = await serve({ store, people, hubTemporal: () => Promise.resolve(temporal), ...more })
  const ask = (
    method: Method,
    path: string,
    { token, headers = {}, body }: { token?: string; headers?: Record<string, string>; body?: unknown } = {},
  ) =>
    served.app.inject({
      ...{ method, url: path },
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
  return { ...served, ask, sent }
}

export const codeOf = (answer: { json: () => { code?: string } }): string | undefined => answer.json().code
