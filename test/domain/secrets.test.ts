import { maskSecrets, secretsIn } from '../../src/domain/secrets'

const key = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'

test.each([
  [
    'a password in a URL',
    'connect postgres://refit:s3cr3t@db:5432/x failed',
    'connect postgres://refit:***@db:5432/x failed',
  ],
  ['a password with a name', 'password=hunter2 retries=3', 'password=*** retries=3'],
  ['in JSON', '{"dbPassword":"hunter2","port":5432}', '{"dbPassword":***,"port":5432}'],
  ['in YAML', 'API_KEY: abc-123', 'API_KEY: ***'],
  ['an Authorization header', 'authorization: Bearer abcdef123456', 'authorization: *** ***'],
  ['a bearer token anywhere', 'sent Bearer abcdef123456 to it', 'sent Bearer *** to it'],
  ['a JSON web token', 'token eyJhbGciOi.eyJzdWIiOiI.c2lnbmF0dXJl expired', 'token *** expired'],
  ['a key of AWS', 'id AKIAIOSFODNN7EXAMPLE', 'id ***'],
  ['a long key without a name', `found ${key}`, 'found ***'],
  ['a private key over several lines', 'x -----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY----- y', 'x *** y'],
  ['a private key that is cut off', 'x -----BEGIN RSA PRIVATE KEY-----\nabc', 'x ***'],
])('%s is hidden', (_name, text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
})

test.each([
  'Error: listen EADDRINUSE: address already in use :::3001',
  `pulled registry.example.org/hub/ledger:v1.0.1@sha256:${'0123456789abcdef'.repeat(4)}`,
  'pod ledger-api-7d9c5b8f6d-x2x9z, uid 4c1f0c3e-95b5-4b0f-a5a2-1d0c0f8a7b11',
  'GET https://hub.example.org/health 503 in 12 ms',
  'at Object.<anonymous> (/opt/app/node_modules/@mojaloop/central-services-shared/src/util/request.js:55:21)',
])('what is no secret stays: %s', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

test('what the process itself keeps secret is hidden wherever it stands', () => {
  const known = secretsIn({
    LEDGER_URL: 'postgres://ledger:correct-horse@db/ledger',
    SLACK_TOKEN: 'plainword',
    HOME: '/home/refit',
    EMPTY_PASSWORD: '',
    SHORT_TOKEN: 'abc',
  })
  expect(known).toEqual(['correct-horse', 'plainword'])
  expect(maskSecrets('tried correct-horse and plainword in /home/refit', known)).toBe(
    'tried *** and *** in /home/refit',
  )
})
