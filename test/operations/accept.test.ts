import { acceptList } from '../../src/operations/accept'
import { decision, fakeStore } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const repository = '127.0.0.1:5000/hub/ledger'
const asked = { key, by: 'ana', reason: 'pruned on purpose' }

describe('accepting a tag list', () => {
  test('trusts the list of the repository that the last scan decided on', async () => {
    const { store, accepted } = fakeStore({ decisions: [decision({ kind: 'suspicious' })], doubted: [repository] })
    expect(await acceptList({ store }, asked)).toEqual({
      ...{ namespace: 'hub', service: 'ledger', repository },
      ...{ acceptedBy: 'ana', reason: 'pruned on purpose' },
      list: { hash: '3f2a9c01b7de', count: 1, lastCount: 4, missing: ['v1.0.0'] },
    })
    expect(accepted).toEqual([repository])
  })

  test('is refused when the person saw another one than is doubted now', async () => {
    const { store } = fakeStore({ decisions: [decision({ kind: 'suspicious' })], doubted: [repository] })
    await expect(acceptList({ store }, { ...asked, list: '000000000000' })).rejects.toMatchObject({
      code: 'ACCEPT_REFUSED',
      message: expect.stringContaining('list 3f2a9c01b7de of 1 tags'),
    })
    expect(await acceptList({ store }, { ...asked, list: '3f2a9c01b7de' })).toMatchObject({ acceptedBy: 'ana' })
  })

  test('that is not suspicious is refused', async () => {
    const { store } = fakeStore({ decisions: [decision()] })
    await expect(acceptList({ store }, asked)).rejects.toMatchObject({
      code: 'ACCEPT_REFUSED',
      next: expect.stringContaining('refit explain hub/ledger'),
    })
  })

  test('is refused where the list is good and something else is suspicious', async () => {
    const reason = 'the registry lists v1.0.1 but has no manifest for it'
    const { store } = fakeStore({ decisions: [decision({ kind: 'suspicious', reason })] })
    await expect(acceptList({ store }, asked)).rejects.toMatchObject({
      code: 'ACCEPT_REFUSED',
      message: `It is not the list of ${repository} that is doubted: ${reason}.`,
    })
  })

  test('twice is refused until a scan has decided on it', async () => {
    const { store } = fakeStore({ decisions: [decision({ kind: 'suspicious', doubted: true })] })
    await expect(acceptList({ store }, asked)).rejects.toMatchObject({
      code: 'ACCEPT_REFUSED',
      next: 'Run refit scan.',
    })
  })

  test('of a service that no scan has seen is refused without asking for its list', async () => {
    const { store, accepted } = fakeStore({ doubted: [repository] })
    await expect(acceptList({ store }, asked)).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' })
    expect(accepted).toEqual([])
  })
})
