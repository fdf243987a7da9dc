import type { Config } from '../config'
import type { Notifier } from './contracts'
import { slackNotifier } from './slack'
import { webhookNotifier } from './webhook'

/** One notifier per target of refit.yaml, named by kind and position: `slack#1`, `webhook#1`, `slack#2`. */
export function createNotifiers({ alerts }: Pick<Config, 'alerts'>): Notifier[] {
  const counts = { slack: 0, webhook: 0 }
  return alerts.map((target) => {
    counts[target.kind] += 1
    const name = `${target.kind}#${counts[target.kind]}`
    return target.kind === 'slack'
      ? slackNotifier({ name, url: target.url, levels: target.on, format: target.format })
      : webhookNotifier({ name, url: target.url, levels: target.on, signedWith: target.signedWith })
  })
}
