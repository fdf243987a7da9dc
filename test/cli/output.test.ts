import { parse } from 'yaml'
import { decision, fakeStore, lastScan, upgradeRow } from '../operations/support'
import { refit } from './support'

const store = () => fakeStore({ decisions: [decision()], upgrades: [upgradeRow()], scan: lastScan() }).store
const reading = ['status', 'status ledger', 'explain ledger', 'history', 'freezes', 'quarantine list', 'token list']

describe('every answer is a table, JSON or YAML', () => {
  test.each(reading)('%s', async (line) => {
    const [asTable, asText, asJson, asYaml] = await Promise.all(
      ['-o table', '-o text', '-o json', '-o yaml'].map((option) => refit(`${line} ${option}`, { store: store() })),
    )
    expect([asTable?.code, asText?.code, asJson?.code, asYaml?.code]).toEqual([0, 0, 0, 0])
    expect(asText?.out).toBe(asTable?.out)
    expect(parse(asYaml?.out ?? '')).toEqual(asJson?.json())
  })

  test('and so is an error', async () => {
    const [json, yaml] = await Promise.all(
      ['json', 'yaml'].map((each) => refit(`status nobody -o ${each}`, { store: store() })),
    )
    expect(yaml).toMatchObject({ code: 5, err: '' })
    expect(parse(yaml?.out ?? '')).toEqual(json?.json())
  })

  test.each(['nope -o yaml', 'nope --output=yaml', 'nope -oyaml'])('also one of usage: %s', async (line) => {
    const { code, out } = await refit(line)
    expect([code, parse(out)]).toMatchObject([2, { error: { code: 'USAGE' } }])
  })

  test('what a command does not have is refused', async () => {
    expect(await refit('status -o sarif')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Allowed choices are table, json, yaml.'),
    })
  })
})

describe('with --verbose it says what the temporal CLI would do', () => {
  test.each([
    ['status hub/ledger', 'temporal workflow query -w refit/upgrade/hub/ledger --type status'],
    ['status', `temporal workflow list --query "WorkflowType = 'upgrade'"`],
    ['logs ledger', 'temporal workflow show -w refit/upgrade/hub/ledger'],
    ['scan --no-wait', 'temporal schedule trigger --schedule-id refit/scan'],
    ['schedule show', 'temporal schedule describe --schedule-id refit/scan'],
    ['schedule trigger digest', 'temporal schedule trigger --schedule-id refit/digest'],
    ['schedule pause scan --reason x', "temporal schedule toggle --pause --schedule-id refit/scan --reason 'x'"],
    ['schedule resume scan', 'temporal schedule toggle --unpause --schedule-id refit/scan'],
  ])('%s', async (line, command) => {
    const env = { TEMPORAL_CONFIG_FILE: '/nowhere' }
    const { err } = await refit(`${line} --verbose`, { store: store(), env })
    expect(err).toContain(`equivalent: ${command}`)
    expect((await refit(line, { store: store(), env })).err).not.toContain('equivalent')
  })

  test('in the namespace of the hub', async () => {
    const { err } = await refit('status --verbose', { store: store(), env: { TEMPORAL_NAMESPACE: 'green' } })
    expect(err).toContain("temporal workflow list --namespace 'green' --query")
  })
})

describe('a slip of the finger is answered with what is meant', () => {
  test.each([
    ['stauts', 'Did you mean status?'],
    ['data stauts', 'Did you mean status?'],
    ['status --wach', 'Did you mean --watch?'],
    ['undo ledger', 'Did you mean rollback?'],
    ['ls', 'Did you mean status?'],
    ['status leger', 'Did you mean hub/ledger?'],
    ['completion bsh', 'It is bash, zsh, fish.'],
  ])('%s', async (line, words) => {
    expect((await refit(line, { store: store() })).err).toContain(words)
  })
})
