import type { Delivery, SlackMessages } from '../../src/clients/contracts'
import type { Alert } from '../../src/domain/alerts'
import type { RefitError } from '../../src/domain/errors'

export const hub = { name: 'green-hub', environment: 'production' }

export const delivery: Delivery = { id: 'green-hub/upgrade/x-1/ended', at: new Date('2026-11-24T10:00:00.500Z') }

export const alertAt = (more: Partial<Alert> = {}): Alert => ({
  key: 'upgrade/abcdef123456-1/entered/approval',
  level: 'action',
  hub: hub.name,
  title: 'hub/ledger v1.0.0 → v1.0.1 waits for approval',
  text: '```\nrefit approve hub/ledger\n```\n*green-hub* (production): *hub/ledger* v1.0.0 → v1.0.1 &lt;waits&gt;',
  facts: { namespace: 'hub', service: 'ledger', upgradeId: 'abcdef123456-1', reason: '' },
  ...more,
})

/** What the store remembers of Slack's messages. */
export function messages(): SlackMessages & { kept: Map<string, { channel: string; ts: string }> } {
  const kept = new Map<string, { channel: string; ts: string }>()
  return {
    kept,
    read: (target, thread) => Promise.resolve(kept.get(`${target} ${thread}`)),
    save: (target, thread, message) => Promise.resolve(void kept.set(`${target} ${thread}`, message)),
    forget: (target, thread) => Promise.resolve(void kept.delete(`${target} ${thread}`)),
  }
}

/** What a target's refusal says. */
export const failure = (call: Promise<unknown>): Promise<RefitError> =>
  call.then(
    () => Promise.reject(new Error('it took the alert')),
    (error: RefitError) => error,
  )
