import { createHash } from 'node:crypto'
import { findWebhook, isSame, webhookKey, webhookPath } from '../../src/operations/webhook-key'

const quay = { kind: 'quay', secret: 'one-0123456789abc' } as const
const other = { kind: 'quay', secret: 'two-0123456789abc' } as const
const harbor = { kind: 'harbor', secret: quay.secret } as const

test('the key is the SHA-256 of kind and secret, so that both differ', () => {
  expect(webhookKey(quay)).toBe(createHash('sha256').update('quay:one-0123456789abc').digest('hex'))
  expect(new Set([quay, other, harbor].map(webhookKey)).size).toBe(3)
  expect(webhookPath(quay)).toMatch(/^\/webhooks\/quay\/[0-9a-f]{64}$/)
})

test('a path finds its own webhook only', () => {
  const all = [quay, other, harbor]
  for (const each of all) expect(findWebhook(all, each.kind, webhookKey(each))).toBe(each)
  expect(findWebhook(all, 'harbor', webhookKey(quay))).toBeUndefined()
  expect(findWebhook(all, 'quay', '')).toBeUndefined()
})

test('secrets of any length can be compared', () => {
  expect([isSame('a', 'a'), isSame('a', 'b'), isSame('', 'aaaa'), isSame('', '')]).toEqual([true, false, false, true])
})
