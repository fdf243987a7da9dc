import type { Alert } from '../domain/alerts'
import type { AlertRoute, Notifier } from './contracts'
import { post } from './post'
import { bounded, slackText } from './slack-text'

interface SlackTarget extends AlertRoute {
  url: string
  format: 'refit' | 'ml-operator'
  allowPrivate: boolean
}

/** A Slack incoming webhook. It has no idempotency: what is sent twice is shown twice. */
export function slackNotifier({ url, format, allowPrivate, ...route }: SlackTarget): Notifier {
  return {
    ...route,
    async send(alert: Alert, { signal }) {
      const text =
        format === 'ml-operator' && alert.mlOperatorText !== undefined ? alert.mlOperatorText : slackText(alert)
      const body = JSON.stringify({ text: bounded(text) })
      await post({ name: route.name, url, body, allowPrivate, ...(signal ? { signal } : {}) })
    },
  }
}
