import { liftMark, markSecurity, securityMarks } from '../../src/operations/security'
import { fakeStore, now } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const mark = { ...key, version: 'v1.0.2', reason: 'CVE-2026-1234', by: 'ana' }
const marks = [{ ...mark, at: now, digest: null }]

describe('marks of security fixes', () => {
  test('a mark says whether it was there already', async () => {
    expect(await markSecurity(fakeStore(), mark)).toEqual({ ...mark, alreadyMarked: false })
    expect(await markSecurity(fakeStore({ marks }), mark)).toEqual({ ...mark, alreadyMarked: true })
  })

  test('are listed', async () => {
    expect(await securityMarks(fakeStore({ marks }))).toEqual({ marks })
  })

  test('are lifted; one that is not there is an error', async () => {
    const lift = { key, version: 'v1.0.2', by: 'ana' }
    expect(await liftMark(fakeStore({ marks }), lift)).toEqual({ ...key, version: 'v1.0.2', liftedBy: 'ana' })
    await expect(liftMark(fakeStore(), lift)).rejects.toMatchObject({ code: 'MARK_UNKNOWN' })
  })
})
