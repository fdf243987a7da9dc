import type { Config } from '../config'
import type { Notifier } from './contracts'
import { slackNotifier } from './slack'
import { webhookNotifier } from './webhook'

/** One notifier per target of refit.yaml, named by kind and position: `slack#1`, `webhook#1`, `slack#2`. */
export function createNotifiers({ alerts }: Pick<Config, 'alerts'>): Notifier[] {
  const counts = new Map<string, number>()
  return alerts.flatMap((target): Notifier[] => {
    const count = (counts.get(target.kind) ?? 0) + 1
    counts.set(target.kind, count)
    const name = `${target.kind}#${count}`
    switch (target.kind) {
      case 'slack':
        return [slackNotifier({ name, url: target.url, levels: target.on, format: target.format })]
      case 'webhook':
        return [webhookNotifier({ name, url: target.url, levels: target.on, signedWith: target.signedWith })]
      case 'slackBot':
      case 'alertmanager':
      case 'email':
        return []
    }
  })
}
