import { parseAddress } from '../../src/domain/address'

it.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:8080', { host: '::1', port: 8080 }],
  ['[::]:65535', { host: '::', port: 65_535 }],
])('%s is an address', (text, expected) => {
  expect(parseAddress(text)).toEqual(expected)
})

it.each(['', '8080', ':8080', 'h:', 'h:65536', 'h:1x', '::1:8080', 'http://h:80', 'h :80'])('"%s" is none', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})
