import { castVote, type VoteRequest } from '../../src/operations/vote'
import type { VoteDeps } from '../../src/operations/vote'
import { fakeStore, fakeTemporal, plan, planHash, type TemporalScript, upgradeRow } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const workflowId = 'refit/upgrade/hub/ledger'
const { store } = fakeStore({ upgrades: [upgradeRow()], plans: { [planHash]: plan } })
const approve = (deps: VoteDeps, request: VoteRequest) => castVote(deps, 'approve', request)
const reject = (deps: VoteDeps, request: VoteRequest) => castVote(deps, 'reject', request)
const abort = (deps: VoteDeps, request: VoteRequest) => castVote(deps, 'abort', request)

describe('a vote', () => {
  test('goes as an Update that names the plan, and its answer comes back', async () => {
    const { temporal, sent } = fakeTemporal()
    const result = await approve({ store, temporal }, { key, by: 'ana', reason: 'looks good' })
    expect(sent).toEqual([
      {
        as: 'update',
        workflowId,
        verb: 'approve',
        input: { by: 'ana', planHash, reason: 'looks good' },
        updateId: expect.stringMatching(/^approve-[0-9a-f-]{36}$/),
      },
    ])
    expect(result).toMatchObject({
      delivered: 'update',
      message: 'approved by ana',
      planHash,
      from: 'v1.0.0',
      to: 'v1.0.1',
      workflowId,
    })
  })

  test('sent again it is an Update of its own: what was refused a moment ago may be taken now', async () => {
    const { temporal, sent } = fakeTemporal()
    for (const by of ['ana', 'ana']) await approve({ store, temporal }, { key, by })
    expect(sent[1]?.updateId).not.toBe(sent[0]?.updateId)
  })

  test('without a worker it is left as a signal', async () => {
    const { temporal, sent } = fakeTemporal({ workers: 0 })
    const result = await approve({ store, temporal }, { key, by: 'ana' })
    expect(sent.map(({ as }) => as)).toEqual(['signal'])
    expect(result).toMatchObject({ delivered: 'signal', message: expect.stringContaining('when a worker is back') })
  })

  test('a worker that died a moment ago does not answer: the signal follows the Update', async () => {
    const { temporal, sent } = fakeTemporal({ answer: { kind: 'no-answer' } })
    expect(await reject({ store, temporal }, { key, by: 'ana', reason: 'no' })).toMatchObject({ delivered: 'signal' })
    expect(sent.map(({ as }) => as)).toEqual(['update', 'signal'])
  })

  test('a refusal is an error with the upgrade’s words', async () => {
    const { temporal } = fakeTemporal({ answer: { kind: 'refused', message: 'already approved by ben' } })
    await expect(approve({ store, temporal }, { key, by: 'ana' })).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: 'The upgrade did not take the approve: already approved by ben.',
    })
  })

  test.each<[string, TemporalScript]>([
    ['with a worker', { answer: { kind: 'not-open' } }],
    ['without one', { workers: 0, isOpen: false }],
  ])('an upgrade whose workflow is gone is unknown, %s', async (_name, script) => {
    await expect(abort({ store, temporal: fakeTemporal(script).temporal }, { key, by: 'ana' })).rejects.toMatchObject({
      code: 'UPGRADE_UNKNOWN',
    })
  })

  test('an approval of another plan is refused before anything is sent', async () => {
    const { temporal, sent } = fakeTemporal()
    await expect(approve({ store, temporal }, { key, by: 'ana', planHash: '0'.repeat(12) })).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
    })
    expect(sent).toEqual([])
  })

  test('a longer hash of the same plan is passed on as it is', async () => {
    const { temporal, sent } = fakeTemporal()
    const longer = `${planHash}ffff`
    await approve({ store, temporal }, { key, by: 'ana', planHash: longer })
    expect(sent[0]?.input).toEqual({ by: 'ana', planHash: longer })
  })

  test('an abort names no plan: it stops whatever runs', async () => {
    const { temporal, sent } = fakeTemporal()
    await abort({ store, temporal }, { key, by: 'ana', reason: 'wrong' })
    expect(sent[0]).toMatchObject({ verb: 'abort', input: { by: 'ana', reason: 'wrong' } })
  })

  test('where nothing is under way there is nothing to vote on', async () => {
    const { store: empty } = fakeStore({ upgrades: [upgradeRow({ outcome: 'succeeded' })] })
    await expect(
      approve({ store: empty, temporal: fakeTemporal().temporal }, { key, by: 'ana' }),
    ).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
  })

  test('the equivalent command survives a shell', async () => {
    const { equivalent } = await approve({ store, temporal: fakeTemporal().temporal }, { key, by: "o'neil" })
    expect(equivalent).toBe(
      `temporal workflow signal --namespace 'green' -w ${workflowId} --name approve --input '{"by":"o'\\''neil","planHash":"${planHash}"}'`,
    )
  })
})
