import { decision, fakeStore, fakeTemporal, plan, planHash, upgradeRow } from '../operations/support'
import { refit } from './support'

const waiting = () =>
  fakeStore({ decisions: [decision()], upgrades: [upgradeRow()], plans: { [planHash]: plan } }).store

describe('refit approve', () => {
  test('on a terminal shows the plan, asks, and approves exactly that plan', async () => {
    const { temporal, sent } = fakeTemporal()
    const run = await refit('approve ledger', { store: waiting(), temporal, answer: 'y' })
    expect(run.code).toBe(0)
    expect(run.asked).toEqual([`Approve plan ${planHash} on green-hub (test) as me@laptop? [y/N] `])
    expect(run.out).toMatch(new RegExp(`^plan ${planHash} of hub green-hub \\(test\\)\nhub/ledger: v1.0.0 → v1.0.1`))
    expect(sent).toMatchObject([{ as: 'update', input: { by: 'me@laptop', planHash } }])
  })

  test.each(['', 'n', 'no', 'yeah right'])('the answer "%s" sends nothing', async (answer) => {
    const { temporal, sent } = fakeTemporal()
    expect(await refit('approve ledger', { store: waiting(), temporal, answer })).toMatchObject({
      code: 3,
      err: 'hub green-hub (test)\nnothing was sent\n',
    })
    expect(sent).toEqual([])
  })

  test('without a terminal, a plan or --yes it is wrong usage, and nothing is opened but refit.yaml', async () => {
    expect(await refit('approve ledger', { store: waiting() })).toMatchObject({
      code: 2,
      opened: ['config'],
      err: expect.stringContaining('--plan'),
    })
  })

  test('with --yes it shows the plan and asks nobody', async () => {
    const { temporal, sent } = fakeTemporal()
    const run = await refit('approve ledger --yes --by ana --verbose', { store: waiting(), temporal })
    expect(run).toMatchObject({ code: 0, asked: [], out: expect.stringContaining(`plan ${planHash}`) })
    expect(sent).toMatchObject([{ input: { by: 'ana', planHash } }])
  })

  test('with --plan it asks nobody, even on a terminal', async () => {
    const run = await refit(`approve hub/ledger --plan ${planHash.toUpperCase()}`, { store: waiting(), answer: 'n' })
    expect(run).toMatchObject({ code: 0, asked: [] })
  })

  test('who acts is --by, else $REFIT_BY, else the user', async () => {
    const by = async (line: string, env = {}) => {
      const { temporal, sent } = fakeTemporal()
      await refit(`approve ledger --yes ${line}`, { store: waiting(), temporal, env })
      return (sent[0]?.input as { by: string }).by
    }
    expect(await by('--by ana', { REFIT_BY: 'ben' })).toBe('ana')
    expect(await by('', { REFIT_BY: 'ben' })).toBe('ben')
    expect(await by('')).toBe('me@laptop')
  })

  test('names the same with Temporal’s own CLI, and the page where one is known', async () => {
    const run = await refit('approve ledger --yes --by ana --verbose', {
      store: waiting(),
      env: { TEMPORAL_UI_URL: 'http://ui:8080/' },
    })
    expect(run.err).toContain(
      `equivalent: temporal workflow signal --namespace 'green' -w refit/upgrade/hub/ledger --name approve --input '{"by":"ana","planHash":"${planHash}"}'`,
    )
    expect(run.out).toContain('web: http://ui:8080/namespaces/green/workflows/refit%2Fupgrade%2Fhub%2Fledger')
    expect(run.out).toMatch(/next: refit status hub\/ledger\n$/)
  })

  test('without a worker says that it was left as a signal', async () => {
    const { temporal } = fakeTemporal({ workers: 0 })
    expect(await refit('approve ledger --yes', { store: waiting(), temporal })).toMatchObject({
      code: 0,
      out: expect.stringContaining('left as a signal'),
    })
  })

  test('a refused one exits 3 with the upgrade’s words', async () => {
    const { temporal } = fakeTemporal({ answer: { kind: 'refused', message: 'already approved by ben' } })
    const run = await refit('approve ledger --yes', { store: waiting(), temporal })
    expect(run).toMatchObject({ code: 3, err: expect.stringContaining('already approved by ben') })
  })

  test('a stale plan exits 3', async () => {
    expect(await refit(`approve ledger --plan ${'0'.repeat(12)}`, { store: waiting() })).toMatchObject({ code: 3 })
  })

  test('with nothing waiting it exits 5', async () => {
    const { store } = fakeStore({ decisions: [decision()] })
    expect(await refit('approve ledger --yes', { store })).toMatchObject({
      code: 5,
      err: expect.stringContaining('No upgrade of hub/ledger is under way.'),
    })
  })

  test('as JSON, stdout holds nothing but the result', async () => {
    const run = await refit('approve ledger -o json', { store: waiting(), answer: 'yes' })
    expect(run.err).toContain(`plan ${planHash}`)
    expect(run.json()).toEqual({
      namespace: 'hub',
      service: 'ledger',
      vote: 'approve',
      by: 'me@laptop',
      verified: false,
      voteId: null,
      upgradeId: `${planHash}-1`,
      planHash,
      from: 'v1.0.0',
      to: 'v1.0.1',
      delivered: 'update',
      message: 'approved by ana',
      workflowId: 'refit/upgrade/hub/ledger',
      equivalent: expect.stringContaining('temporal workflow signal'),
      webUi: null,
    })
  })
})

describe('refit reject and abort', () => {
  test.each(['reject', 'abort'])('%s sends the reason and the name', async (vote) => {
    const { temporal, sent } = fakeTemporal()
    const run = await refit(
      [vote, 'hub/ledger', '--yes', '--verbose', '--reason', 'waits for the audit', '--by', 'ana'],
      {
        store: waiting(),
        temporal,
      },
    )
    expect(run.code).toBe(0)
    expect(sent).toMatchObject([{ verb: vote, input: { by: 'ana', reason: 'waits for the audit' } }])
    expect(run.err).toContain(`--name ${vote} --input`)
  })
})
