import type { Config } from '../config'
import { type AlertRoute, routesOf } from '../domain/alerts'
import { alertmanagerNotifier } from './alertmanager'
import type { Notifier, SlackMessages } from './contracts'
import { emailNotifier } from './email'
import { slackBotNotifier } from './slack-bot'
import { slackNotifier } from './slack'
import { webhookNotifier } from './webhook'

interface Surroundings {
  messages: SlackMessages
  /** another address of Slack's Web API */
  slackApiUrl?: string | undefined
}

/** One notifier per target of refit.yaml, named by kind and position: `slack#1`, `webhook#1`, `slack#2`. */
export function createNotifiers(
  { alerts, hub }: Pick<Config, 'alerts' | 'hub'>,
  surroundings: Surroundings,
): Notifier[] {
  const routes = routesOf(alerts)
  return alerts.map((target, index) => notifierOf(target, routes[index] as AlertRoute, hub.environment, surroundings))
}

function notifierOf(
  target: Config['alerts'][number],
  route: AlertRoute,
  environment: string,
  { messages, slackApiUrl }: Surroundings,
): Notifier {
  const { allowPrivate } = target
  switch (target.kind) {
    case 'slack':
      return slackNotifier({ ...route, url: target.url, format: target.format, allowPrivate })
    case 'slackBot': {
      const { token, channel, signingSecret } = target
      return slackBotNotifier({ ...route, token, channel, signingSecret, messages, baseUrl: slackApiUrl })
    }
    case 'webhook':
      return webhookNotifier({ ...route, url: target.url, signedWith: target.signedWith, allowPrivate })
    case 'alertmanager':
      return alertmanagerNotifier({ ...route, url: target.url, environment, allowPrivate })
    case 'email': {
      const { smtp, from, to } = target
      return emailNotifier({ ...route, smtp, from, to, environment, allowPrivate })
    }
  }
}
