import { createToken } from '../../src/operations/tokens'
import { config, decision, fakeStore } from '../operations/support'
import { refit } from './support'

/** What is kept of these acts says whether a login stood behind the name. */
const acts = [
  'accept ledger --reason x',
  'security mark ledger v1.0.1 --reason x',
  'security lift ledger v1.0.1',
  `quarantine lift ledger sha256:${'0'.repeat(64)}`,
  'token create ana --scope viewer',
  'token revoke 3f2a9c01b7de --yes',
]

describe.each(acts)('%s', (line) => {
  const tokenOf = async (scope: 'approver' | 'admin') => {
    const { store } = fakeStore({ decisions: [decision()] })
    const { secret } = await createToken({ store, config }, { name: 'ana', scope, expiresAt: null, by: 'root' })
    return { store, env: { REFIT_TOKEN: secret } }
  }

  test('a token with too little scope is refused', async () => {
    const { code, err } = await refit(line, await tokenOf('approver'))
    expect([code, err]).toEqual([3, expect.stringContaining('scope')])
  })

  test('a token says who acts, so that nobody else can be named', async () => {
    const { code, err } = await refit(`${line} --by bob`, await tokenOf('admin'))
    expect([code, err]).toEqual([2, expect.stringContaining('With a token it is known who acts.')])
  })
})
