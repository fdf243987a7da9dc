import { createTransport } from '../../src/clients/registry/transport'
import { startServer } from './registry-server'
import { allowedFor, checkLiteral, ForbiddenAddress, guardedLookup, reachOf } from '../../src/clients/registry/address'

describe('how far an address reaches', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['fd00::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b::808:808', 'public'],
    ['2002:a00:1::', 'private'],
  ])('%s: %s', (address, reach) => expect(reachOf(address)).toBe(reach))
})

test('a registry may point to public addresses and to those of its own kind', async () => {
  expect([...(await allowedFor('10.1.1.1'))]).toEqual(['public', 'private'])
  expect([...(await allowedFor('[::1]'))]).toEqual(['public', 'loopback'])
  expect([...(await allowedFor('localhost'))]).toEqual(['public', 'loopback'])
  expect([...(await allowedFor('8.8.8.8'))]).toEqual(['public'])
})

test('an address in the place of a name is checked as it stands', () => {
  const allowed = new Set(['public', 'private'] as const)
  expect(() => checkLiteral('127.0.0.1', allowed)).toThrow(ForbiddenAddress)
  expect(() => checkLiteral('[fe80::1]', allowed)).toThrow('link-local')
  expect(() => checkLiteral('10.0.0.1', allowed)).not.toThrow()
  expect(() => checkLiteral('localhost', allowed)).not.toThrow()
})

test.each([true, false])(
  'a name is checked by what it resolves to, at the time of connecting (all: %s)',
  async (all) => {
    const resolve = (allowed: Parameters<typeof guardedLookup>[0]) =>
      new Promise((done) => guardedLookup(allowed)('localhost', { all }, (error, address) => done(error ?? address)))
    expect(await resolve(new Set(['public']))).toBeInstanceOf(ForbiddenAddress)
    const found = await resolve(new Set(['public', 'loopback']))
    expect(JSON.stringify(found)).toMatch(/127\.0\.0\.1|::1/)
  },
)

test('a name that resolves to a closer address than the registry is never connected to', async () => {
  const server = await startServer()
  const transport = createTransport()
  const endpoint = {
    ...{ repository: '192.0.2.1/hub/ledger', host: '192.0.2.1', origin: 'http://192.0.2.1', path: 'hub/ledger' },
    ...{ perSecond: 0, auth: undefined },
  }
  const foreign = `http://${server.host.replace('127.0.0.1', 'localhost')}`
  await expect(
    transport.send(endpoint, { method: 'GET', path: '/token', headers: {}, maxBytes: 100, foreign }),
  ).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringContaining('localhost is a loopback address'),
  })
  expect(server.requests).toEqual([])
  await transport.close()
  await server.close()
})
