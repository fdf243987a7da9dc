import { formatImage, parseImage } from '../../src/domain/image'
import { digest } from './fixtures'

const full = digest('0')

test.each([
  ['redis', { registry: 'docker.io', repository: 'redis', path: 'library/redis' }],
  ['redis:5', { registry: 'docker.io', repository: 'redis', path: 'library/redis', tag: '5' }],
  [
    'mojaloop/central-ledger:v19.14.0',
    { registry: 'docker.io', repository: 'mojaloop/central-ledger', path: 'mojaloop/central-ledger', tag: 'v19.14.0' },
  ],
  ['docker.io/redis', { registry: 'docker.io', repository: 'docker.io/redis', path: 'library/redis' }],
  [
    '127.0.0.1:5000/hub/ledger:v1.0.0',
    { registry: '127.0.0.1:5000', repository: '127.0.0.1:5000/hub/ledger', path: 'hub/ledger', tag: 'v1.0.0' },
  ],
  [
    `127.0.0.1:5000/hub/ledger:v1.0.0@${full}`,
    {
      registry: '127.0.0.1:5000',
      repository: '127.0.0.1:5000/hub/ledger',
      path: 'hub/ledger',
      tag: 'v1.0.0',
      digest: full,
    },
  ],
  [`ghcr.io/a/b/c@${full}`, { registry: 'ghcr.io', repository: 'ghcr.io/a/b/c', path: 'a/b/c', digest: full }],
  ['localhost/ledger', { registry: 'localhost', repository: 'localhost/ledger', path: 'ledger' }],
  ['registry:5000/ledger', { registry: 'registry:5000', repository: 'registry:5000/ledger', path: 'ledger' }],
  ['registry/ledger', { registry: 'docker.io', repository: 'registry/ledger', path: 'registry/ledger' }],
  ['[::1]:5000/ledger:v1', { registry: '[::1]:5000', repository: '[::1]:5000/ledger', path: 'ledger', tag: 'v1' }],
  [
    'Registry.Example.org/ledger',
    { registry: 'Registry.Example.org', repository: 'Registry.Example.org/ledger', path: 'ledger' },
  ],
  ['a/b__c.d-e--f', { registry: 'docker.io', repository: 'a/b__c.d-e--f', path: 'a/b__c.d-e--f' }],
])('%s is read', (text, expected) => {
  expect(parseImage(text)).toEqual(expected)
  expect(formatImage(parseImage(text)!)).toBe(text)
})

test.each([
  '',
  ' ',
  'redis:',
  'redis:.5',
  `redis:${'a'.repeat(129)}`,
  'Redis',
  'Mojaloop/ledger',
  'hub/Ledger',
  'hub//ledger',
  '/ledger',
  'ledger/',
  '-a/b',
  'hub/led ger',
  'ledger@sha256:abc',
  `ledger@md5:${'0'.repeat(64)}`,
  'ledger:v1:v2',
  'http://registry/ledger',
  'a___b',
])('%j is no image', (text) => expect(parseImage(text)).toBeUndefined())
