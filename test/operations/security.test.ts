import { liftMark, markSecurity, securityMarks } from '../../src/operations/security'
import { decision, fakeStore, now } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const mark = { ...key, version: 'v1.0.2', reason: 'CVE-2026-1234', by: 'ana' }
const marks = [{ ...mark, at: now, digest: null }]

describe('marks of security fixes', () => {
  test('a mark says whether it was there already', async () => {
    const idle = 'no scan has seen v1.0.2: is it written right?'
    expect(await markSecurity(fakeStore(), mark)).toEqual({ ...mark, alreadyMarked: false, idle })
    expect(await markSecurity(fakeStore({ marks }), mark)).toEqual({ ...mark, alreadyMarked: true, idle })
  })

  test.each([
    ['too-young', null],
    ['outside-strategy', 'v1.0.2 is not offered all the same: beyond bugfix'],
  ] as const)('one of a tag that is %s says what it changes', async (verdict, idle) => {
    const tags = [{ tag: 'v1.0.2', verdict, reason: 'beyond bugfix' }]
    expect(await markSecurity(fakeStore({ decisions: [decision({ tags })] }), mark)).toMatchObject({ idle })
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
