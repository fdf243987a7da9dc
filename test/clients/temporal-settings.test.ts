import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporalSettings } from '../../src/clients/temporal'

const file = join(mkdtempSync(join(tmpdir(), 'refit-temporal-')), 'temporal.toml')
writeFileSync(file, '[profile.green]\naddress = "green.example:7233"\nnamespace = "green"\n')
const env = { TEMPORAL_CONFIG_FILE: file }

describe('where Temporal is', () => {
  test.each<[string, NodeJS.ProcessEnv, { address: string; namespace: string }]>([
    [
      'is a profile of the temporal CLI',
      { TEMPORAL_PROFILE: 'green' },
      { address: 'green.example:7233', namespace: 'green' },
    ],
    [
      'or a variable above it',
      { TEMPORAL_PROFILE: 'green', TEMPORAL_NAMESPACE: 'x' },
      { address: 'green.example:7233', namespace: 'x' },
    ],
    ['or this machine', {}, { address: 'localhost:7233', namespace: 'default' }],
  ])('%s', (_, more, expected) => {
    const { connectionOptions, namespace } = temporalSettings({ ...env, ...more })
    expect({ address: connectionOptions.address, namespace }).toEqual(expected)
  })

  const problemOf = (more: NodeJS.ProcessEnv): unknown => {
    try {
      return temporalSettings({ ...env, ...more })
    } catch (error) {
      return error
    }
  }

  test('is said to be unknown when there is no such profile, or the file is wrong', () => {
    expect(problemOf({ TEMPORAL_PROFILE: 'grene' })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('profile of Temporal grene') as string,
    })
    const wrong = `${file}.wrong`
    writeFileSync(wrong, '[profile')
    expect(problemOf({ TEMPORAL_CONFIG_FILE: wrong })).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
