import { webhookKey } from '../../src/operations/webhook-key'
import { config as plain } from '../operations/support'
import { refit } from './support'

const secret = 'S3CRET-0123456789'
const config = {
  ...plain,
  webhooks: [
    { kind: 'quay', secret } as const,
    { kind: 'harbor', secret, host: 'harbor.example.org' } as const,
    { kind: 'ghcr', secret } as const,
  ],
}
const keyOf = (kind: 'quay' | 'harbor' | 'ghcr'): string => webhookKey({ kind, secret })

describe('refit webhooks', () => {
  test('prints the path of each, and what to give the registry besides; never the secret', async () => {
    const run = await refit('webhooks', { config })
    expect(run).toMatchObject({ code: 0, err: '', opened: ['config'] })
    expect(run.out).toBe(
      [
        'quay',
        `  /webhooks/quay/${keyOf('quay')}`,
        'harbor of harbor.example.org; give it the secret, as Authorization header',
        `  /webhooks/harbor/${keyOf('harbor')}`,
        'ghcr; give it the secret, to sign with',
        `  /webhooks/ghcr/${keyOf('ghcr')}`,
        '',
      ].join('\n'),
    )
    expect(run.out).not.toContain(secret)
  })

  test('prints them as JSON', async () => {
    const { out } = await refit('webhooks -o json', { config })
    expect(JSON.parse(out)).toEqual([
      { kind: 'quay', host: null, path: `/webhooks/quay/${keyOf('quay')}`, proof: null },
      {
        kind: 'harbor',
        host: 'harbor.example.org',
        path: `/webhooks/harbor/${keyOf('harbor')}`,
        proof: 'authorization',
      },
      { kind: 'ghcr', host: null, path: `/webhooks/ghcr/${keyOf('ghcr')}`, proof: 'signature' },
    ])
  })

  test('says when there are none', async () => {
    expect((await refit('webhooks')).out).toBe('refit.yaml has no webhooks\n')
  })
})
