import { openAttempt, ownPath, sealAttempt } from '../../src/operations/login-attempt'

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/', '/'],
  ['/upgrades/7?tab=logs#end', '/upgrades/7?tab=logs#end'],
  ['upgrades', '/'],
  ['https://evil.example/', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/\r\nset-cookie: a=b', '/set-cookie:%20a=b'],
])('%j leads to %s', (asked, expected) => {
  expect(ownPath(asked)).toBe(expected)
})

const attempt = { state: 's', nonce: 'n', verifier: 'v', next: '/upgrades' }

test('what was sealed is opened by whoever knows the same secret', async () => {
  const sealed = await sealAttempt(attempt, 'one')
  expect(sealed).not.toContain('upgrades')
  expect(await openAttempt(sealed, 'one')).toEqual(attempt)
  expect(await openAttempt(sealed, 'two')).toBeUndefined()
  expect(
    await openAttempt(
      sealed.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      'one',
    ),
  ).toBeUndefined()
  expect(await openAttempt('', 'one')).toBeUndefined()
})

test('after ten minutes it is none', async () => {
  jest.useFakeTimers({ now: Date.now() - 601_000, doNotFake: ['nextTick', 'setImmediate'] })
  const sealed = await sealAttempt(attempt, 'one')
  jest.useRealTimers()
  expect(await openAttempt(sealed, 'one')).toBeUndefined()
})
