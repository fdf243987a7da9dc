import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src/config'
import { secretOf } from '../support/tokens'
import { decision, fakeStore, fakeTemporal, now, plan, planHash, upgradeRow } from '../operations/support'
import { refit, type Surroundings } from './support'

const config = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `
hub: { name: green-hub, environment: test }
people: [{ name: ana, groups: [tech-ops] }]
policies: [{ name: core, select: { namespaces: [hub], images: ['*/hub/*'] }, mode: approve }]
`,
})
const strict = {
  ...plan,
  policy: { ...plan.policy, approval: { ...plan.policy.approval, unverified: 'refuse' as const } },
}

/** A hub whose policy hears verified people only. */
async function hub(scope: Parameters<typeof secretOf>[2] = 'approver') {
  const { store, votes } = fakeStore({
    decisions: [decision()],
    upgrades: [upgradeRow()],
    plans: { [planHash]: strict },
  })
  const { temporal, sent } = fakeTemporal()
  const token = await secretOf(store, 'ana', scope)
  const run = (line: string | string[], more: Surroundings = {}) =>
    refit(line, { store, temporal, config, env: { REFIT_TOKEN: token }, ...more })
  return { run, votes, sent, token }
}

describe('with a token', () => {
  test('it is known who approves, and the question says so', async () => {
    const { run, votes, sent, token } = await hub()
    const { code, asked, out } = await run('approve ledger --change CHG-7 --comment good', { answer: 'y' })
    expect([code, asked]).toEqual([0, ['Approve plan abcdef123456 on green-hub (test) as ana? [y/N] ']])
    expect(votes).toMatchObject([
      { verb: 'approve', by: 'ana', groups: ['tech-ops'], via: 'token', changeReference: 'CHG-7', reason: 'good' },
    ])
    expect(sent).toMatchObject([{ as: 'update', input: { vote: votes[0]?.id, by: 'ana' } }])
    expect(out).not.toMatch(/equivalent|unverified/)
    expect(out).not.toContain(token)
  })

  test('in a file it is the same, and the file comes before the environment', async () => {
    const { run, votes, token } = await hub()
    const file = join(mkdtempSync(join(tmpdir(), 'refit-')), 'token')
    writeFileSync(file, `${token}\n`)
    expect((await run(`approve ledger --yes --token-file ${file}`, { env: { REFIT_TOKEN: 'another' } })).code).toBe(0)
    expect(votes).toMatchObject([{ by: 'ana' }])
  })

  test.each<[string, string, NodeJS.ProcessEnv | undefined, number, string]>([
    ['that is wrong', 'approve ledger --yes', { REFIT_TOKEN: 'rft_nothing' }, 3, 'This token is not valid.'],
    [
      'in a file that is not there',
      'approve ledger --yes --token-file /nowhere',
      undefined,
      2,
      "can't be read (ENOENT)",
    ],
    ['in an empty file', 'approve ledger --yes --token-file /dev/null', undefined, 2, 'holds no token'],
    ['and another name', 'approve ledger --yes --by ben', undefined, 2, 'With a token it is known who acts.'],
  ])('%s nothing is sent', async (_name, line, env, code, said) => {
    const { run, sent } = await hub()
    expect(await run(line, env ? { env } : {})).toMatchObject({ code, err: expect.stringContaining(said) })
    expect(sent).toEqual([])
  })

  test('REFIT_BY is no claim beside it', async () => {
    const { run, votes, token } = await hub()
    await run('approve ledger --yes', { env: { REFIT_TOKEN: token, REFIT_BY: 'ben' } })
    expect(votes).toMatchObject([{ by: 'ana' }])
  })

  test('whose scope is less, it names the one that is needed', async () => {
    const { run, sent } = await hub()
    expect(await run(['abort', 'ledger', '--yes', '--reason', 'x'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('This needs scope operator; the token of ana has approver.'),
    })
    expect(sent).toEqual([])
  })
})

test('without one, where the policy hears verified people only, it says how to get one', async () => {
  const { run, sent } = await hub()
  expect(await run('approve ledger --yes', { env: {} })).toMatchObject({
    code: 3,
    err: expect.stringMatching(/refit token create NAME --scope approver.*REFIT_TOKEN=… refit approve hub\/ledger/),
  })
  expect(sent).toEqual([])
})

describe('every verb', () => {
  test.each<[string[], object]>([
    [
      ['request', 'ledger', '--yes', '--reason', 'r', '--change', 'C-1'],
      { verb: 'request', reason: 'r', changeReference: 'C-1' },
    ],
    [['withdraw', 'ledger'], { verb: 'withdraw', planHash }],
    [['reject', 'ledger', '--yes', '--reason', 'r'], { verb: 'reject', reason: 'r' }],
    [['snooze', 'ledger', '--for', '4h'], { verb: 'snooze', until: new Date(now.getTime() + 4 * 3_600_000) }],
    [
      ['snooze', 'ledger', '--until', '2030-01-01T08:00+03:00'],
      { verb: 'snooze', until: new Date('2030-01-01T05:00Z') },
    ],
    [['pause', 'ledger', '--reason', 'r'], { verb: 'pause', reason: 'r' }],
    [['resume', 'ledger'], { verb: 'resume' }],
    [['abort', 'ledger', '--yes', '--reason', 'r'], { verb: 'abort', reason: 'r' }],
  ])('%j', async (line, kept) => {
    const { run, votes, sent } = await hub('operator')
    expect((await run(line)).code).toBe(0)
    expect(votes).toMatchObject([kept])
    expect(sent).toMatchObject([{ verb: line[0], input: { vote: votes[0]?.id } }])
  })

  test.each<[string, string]>([
    ['request ledger', 'Name the plan with --plan, or request whatever waits with --yes.'],
    ['snooze ledger', 'Say --for 4h'],
    ['snooze ledger --for 4h --until 2030-01-01T08:00Z', 'Say --for 4h'],
    ['snooze ledger --until 2020-01-01T08:00Z', 'That instant has passed.'],
    ['snooze ledger --until 2030-02-31T08:00Z', 'There is no 2030-02-31.'],
    ['snooze ledger --until 2030-01-01T08:00', 'Write it with its offset'],
    ['snooze ledger --for soon', '90s, 5m or 1h30m'],
    ['reject ledger', '--reason'],
    ['pause ledger', '--reason'],
    ['approve ledger --withdraw', 'refit withdraw ledger'],
    ['approve ledger --yes --now', '--reason TEXT'],
  ])('%s is wrong usage', async (line, said) => {
    const { run, sent } = await hub()
    expect(await run(line)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
    expect(sent).toEqual([])
  })
})
