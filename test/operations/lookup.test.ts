import { findService, knownServices } from '../../src/operations/lookup'
import type { RefitError } from '../../src/domain/errors'
import { decision, fakeStore, upgradeRow } from './support'

const key = (id: string) => {
  const [namespace = '', ...rest] = id.split('/')
  return { namespace, service: rest.join('/') }
}
const like = (error: Partial<RefitError>): Error => expect.objectContaining(error) as Error
const known = ['hub/ledger', 'hub/quoting', 'hub/settlement', 'pay/ledger', 'pay/team/gate'].map(key)

describe('which service a person means', () => {
  test.each([
    ['hub/ledger', 'hub/ledger'],
    ['pay/ledger', 'pay/ledger'],
    ['quoting', 'hub/quoting'],
    ['pay/team/gate', 'pay/team/gate'],
    ['team/gate', 'pay/team/gate'],
  ])('%s is %s', (text, id) => {
    expect(findService(known, text)).toEqual(key(id))
  })

  test('a name that two services have is a usage error that names both', () => {
    expect(() => findService(known, 'ledger')).toThrow(
      like({ code: 'USAGE', next: 'Say which: hub/ledger and pay/ledger.' }),
    )
  })

  test.each([
    ['qouting', 'Did you mean hub/quoting?'],
    ['hub/ledgr', 'Did you mean hub/ledger?'],
    ['HUB/SETTLEMENT', 'Did you mean hub/settlement?'],
    ['entirely-else', 'refit status lists them.'],
  ])('%s is unknown: %s', (text, next) => {
    expect(() => findService(known, text)).toThrow(
      like({ code: 'SERVICE_UNKNOWN', next: expect.stringContaining(next.slice(0, 24)) }),
    )
  })

  test('before the first scan nothing is known, and it says so', () => {
    expect(() => findService([], 'ledger')).toThrow(like({ next: 'No scan has seen a service yet: run refit scan.' }))
  })

  test('a name of a megabyte is answered at once and cut', () => {
    expect(() => findService(known, 'x'.repeat(1_000_000))).toThrow(
      like({ message: expect.stringMatching(/^.{1,240}$/) as string }),
    )
  })

  test('services are those of the last scan and those ever upgraded', async () => {
    const { store } = fakeStore({ decisions: [decision()], upgrades: [upgradeRow(), upgradeRow({ service: 'gone' })] })
    expect(await knownServices(store)).toEqual([key('hub/gone'), key('hub/ledger')])
  })
})
