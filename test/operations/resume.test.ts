/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { UpgradeInput } from '../../src/activities/contracts'
import { phases, type Phase } from '../../src/domain/status'
import { resumeUpgrade } from '../../src/operations/resume'
import type { Store, UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { fakeStore, fakeTemporal, planHash, upgradeRow } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const by = { by: 'ana', verified: true, reason: 'mended' }

function resumed(row: UpgradeRow | undefined, { rollback = false, runs = false, events = [] as UpgradeEvent[] } = {}) {
  const started: { workflowId: string; input: UpgradeInput }[] = []
  const { temporal } = fakeTemporal({
    startUpgrade: async (workflowId, input) => !runs && started.push({ workflowId, input }) > 0,
  })
  const { store } = fakeStore({ upgrades: row ? [row] : [], events })
  return { started, result: resumeUpgrade({ store, temporal }, { key, rollback, ...by }) }
}

const begins: Record<Phase, string> = {
  ...{ plan: 'approval', approval: 'approval', window: 'approval', preflight: 'preflight' },
  ...{ expand: 'expand', backfill: 'expand', rollout: 'expand', bake: 'expand', rollback: 'rollback' },
}
test.each(phases)('one that was held in %s goes on where that makes sense', async (phase) => {
  const { started, result } = resumed(upgradeRow({ outcome: 'held', phase }))
  expect(await result).toMatchObject({ upgradeId: `${planHash}-1`, from: begins[phase] })
  expect(started).toMatchObject([
    {
      workflowId: 'refit/upgrade/hub/ledger',
      input: { ...key, resume: { ...by, upgradeId: `${planHash}-1`, planHash, times: 1, from: begins[phase] } },
    },
  ])
})

test('with rollback it is put back, whatever its phase', async () => {
  const { result } = resumed(upgradeRow({ outcome: 'held', phase: 'bake' }), { rollback: true })
  expect(await result).toMatchObject({ from: 'rollback' })
})

test('one that lost its workflow and is not held yet goes on as well', async () => {
  expect(await resumed(upgradeRow({ outcome: null, phase: 'rollout' })).result).toMatchObject({ from: 'expand' })
})

test('each time is counted, so that what its workflows record is kept apart', async () => {
  const row = upgradeRow({ outcome: 'held', phase: 'rollout' })
  const events = [{ upgradeId: row.id, kind: 'reopened' } as UpgradeEvent]
  const { started, result } = resumed(row, { events })
  await result
  expect(started[0]?.input.resume?.times).toBe(2)
})

test.each<[string, UpgradeRow | undefined, object, string, RegExp]>([
  ['nothing is held or open', undefined, {}, 'UPGRADE_UNKNOWN', /No upgrade of hub\/ledger/],
  ['it ended otherwise', upgradeRow({ outcome: 'aborted' }), {}, 'UPGRADE_UNKNOWN', /No upgrade/],
  ['it runs', upgradeRow({ outcome: null, phase: 'bake' }), { runs: true }, 'APPROVAL_REFUSED', /runs in phase bake/],
])('refused when %s', async (_name, row, more, code, message) => {
  await expect(resumed(row, more).result).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
})

test('an upgrade of an open release is left to that release', async () => {
  const row = upgradeRow({ outcome: 'held', phase: 'rollout' })
  const { store } = fakeStore({ upgrades: [row] })
  const releases = {
    listOpen: async () => [{ id: 'r1' }],
    services: async () => [{ upgradeId: row.id }],
  } as unknown as Store['releases']
  const { temporal } = fakeTemporal()
  await expect(
    resumeUpgrade({ store: { upgrades: store.upgrades, releases }, temporal }, { key, rollback: false, ...by }),
  ).rejects.toMatchObject({ code: 'APPROVAL_REFUSED', next: expect.stringContaining('refit release status') as string })
})
