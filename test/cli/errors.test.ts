import { errorOutput } from '../../src/cli/errors'
import { openParts } from '../../src/cli/parts'
import { explainMissingTables } from '../../src/operations/missing-tables'
import { RefitError } from '../../src/domain/errors'
import { fakeStore } from '../operations/support'
import { refit } from './support'

describe('an error', () => {
  test('says what failed, why and what to do', async () => {
    const { code, out, err, closed } = await refit('history nothing')
    expect([code, out, closed]).toEqual([5, '', 1])
    expect(err).toBe('error: There is no service nothing.\nnext:  No scan has seen a service yet: run refit scan.\n')
  })

  test('is data on stdout for programs', async () => {
    const run = await refit('history nothing -o json')
    expect(run.json()).toEqual({
      error: {
        code: 'SERVICE_UNKNOWN',
        message: 'There is no service nothing.',
        next: 'No scan has seen a service yet: run refit scan.',
      },
    })
    expect(run).toMatchObject({ code: 5, err: '' })
  })

  test('that nobody foresaw exits 1 and hides its stack unless asked', async () => {
    const { store } = fakeStore()
    store.upgradePages.page = () => Promise.reject(new Error('odd'))
    const run = await refit('history', { store })
    expect(run).toMatchObject({ code: 1, err: expect.stringMatching(/^error: odd\nnext: {2}This was not foreseen/) })
    expect(run.err).not.toContain('    at ')
    expect((await refit('history', { store, env: { REFIT_DEBUG: '1' } })).err).toContain('    at ')
  })

  test('from a stranger can not steer the terminal', () => {
    expect(errorOutput(new RefitError('INTERNAL', 'a\u001b[2J\n  b', 'Try again.')).error.message).toBe('a\n  b')
  })

  test('of a store without tables says who makes them', () => {
    const missing = Object.assign(new Error('relation "upgrade" does not exist'), { code: '42P01' })
    expect(explainMissingTables(missing)).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      next: expect.stringContaining('refit worker'),
    })
    expect(explainMissingTables(null)).toBeNull()
  })
})

describe('the real parts', () => {
  test('a missing file is a configuration error', async () => {
    const parts = openParts({ env: {}, configFile: '/does/not/exist.yaml' })
    await expect(parts.config()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(parts.store()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await parts.close()
  })

  test('the ambient KUBECONFIG is ignored', async () => {
    const parts = openParts({ env: { KUBECONFIG: '/etc/hosts' }, configFile: '' })
    await expect(parts.kubernetes()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('No kubeconfig'),
    })
  })
})
