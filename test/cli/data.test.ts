/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { DataRow, Store } from '../../src/store/contracts'
import { planOf } from '../domain/fixtures'
import { fakeStore, fakeTemporal } from '../operations/support'
import { refit } from './support'

const planHash = 'abcdef123456'
const waits = {
  ...{ id: `${planHash}-1/data/1`, upgradeId: `${planHash}-1`, planHash, namespace: 'hub', service: 'ledger' },
  ...{ toTag: 'v1.0.1', phase: 'approval', outcome: null, waitingFor: `an approval of plan ${planHash}` },
  ...{ message: 'the contract waits', startedAt: new Date(0), endedAt: null },
} as DataRow

function hub(rows: DataRow[] = [waits]) {
  const { store } = fakeStore({ plans: { [planHash]: planOf() } })
  const its = {
    ...store,
    decisions: { ...store.decisions, list: async () => [{ namespace: 'hub', service: 'ledger' }] },
    data: { latest: async () => rows[0], list: async () => rows, lastSucceeded: async () => undefined },
  } as unknown as Store
  const { temporal, sent } = fakeTemporal()
  return { run: (line: string) => refit(line, { store: its, temporal }), sent }
}

test('status lists where each stands, and the next command', async () => {
  const { code, out } = await hub().run('data status')
  expect(code).toBe(0)
  expect(out).toContain(`approval, waits for an approval of plan ${planHash}`)
  expect(out).toContain(`next: refit data approve hub/ledger --plan ${planHash}`)
  expect((await hub([]).run('data status')).out).toContain('no data workflow yet')
})

test('of one service it tells the plan and what comes next, also as JSON', async () => {
  const { run } = hub()
  expect((await run('data status hub/ledger')).out).toContain(`plan ${planHash}, upgrade ${planHash}-1`)
  expect((await run('data status hub/ledger -o json')).json()).toMatchObject({
    run: { phase: 'approval' },
    from: 'v1.0.0',
  })
})

test('an approval must name its plan, and is told which', async () => {
  const { run, sent } = hub()
  const { code, err } = await run('data approve hub/ledger')
  expect(code).toBe(2)
  expect(err).toContain(`refit data approve hub/ledger --plan ${planHash}`)
  expect(sent).toEqual([])
})

test('a vote prints what became of it and the next command', async () => {
  const { run, sent } = hub()
  const { code, out } = await run(`data approve hub/ledger --plan ${planHash} --by ana`)
  expect(code).toBe(0)
  expect(out).toContain('approve of the data of hub/ledger v1.0.1 by ana (unverified)')
  expect(out).toContain('next: refit data status hub/ledger')
  expect(sent).toMatchObject([{ workflowId: 'refit/data/hub/ledger', verb: 'approve', input: { by: 'ana', planHash } }])
})

test('where nothing can be started it says why', async () => {
  const { code, err } = await hub().run('data start hub/ledger')
  expect(code).toBe(5)
  expect(err).toContain('No succeeded upgrade of hub/ledger has a backfill or a contract.')
})
