import type { Alert } from '../domain/alerts'
import type { Notifier } from './contracts'
import { post } from './post'

interface SlackTarget {
  name: string
  url: string
  levels: readonly Alert['level'][]
  format: 'refit' | 'ml-operator'
}

/** A Slack incoming webhook. It has no idempotency: what is sent twice is shown twice. */
export function slackNotifier({ name, url, levels, format }: SlackTarget): Notifier {
  return {
    name,
    levels,
    async send(alert: Alert, _idempotencyKey, signal) {
      const text =
        format === 'ml-operator' && alert.mlOperatorText !== undefined ? alert.mlOperatorText : withLevel(alert)
      await post({ name, url, body: JSON.stringify({ text }), signal })
    },
  }
}

const marks: Record<Alert['level'], string> = { info: '', action: '', page: ':rotating_light: *PAGE*\n' }

const withLevel = ({ level, text }: Alert): string => `${marks[level]}${text}`
