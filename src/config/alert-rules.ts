import type { Problem } from './problems'
import { hasReference } from './references'
import { treeOf, type Tree } from './tree'
import { isLoopback } from './values'

const kinds = ['slack', 'slackBot', 'webhook', 'alertmanager', 'email']

/** What concerns more than one value of an alert target, and its secrets. `raw` still has its `${NAME}` references. */
export function alertProblems(alerts: Tree[], raw: Tree[]): Problem[] {
  return [
    ...alerts.flatMap((alert, index) => shapeProblems(alert, index)),
    ...raw.flatMap((alert, index) => secretProblems(alert, index)),
  ]
}

function shapeProblems(alert: Tree, index: number): Problem[] {
  const path = ['alerts', index]
  const problems: Problem[] = []
  if (kinds.filter((kind) => kind in alert).length !== 1)
    problems.push({ path, message: 'needs exactly one of slack, slackBot, webhook, alertmanager, email' })
  if ('signedWith' in alert && !('webhook' in alert))
    problems.push({ path: [...path, 'signedWith'], message: 'is for a webhook' })
  if ('format' in alert && !('slack' in alert))
    problems.push({ path: [...path, 'format'], message: 'is for slack; other targets have one format' })
  return problems
}

/** Whoever has a Slack webhook URL can post there, so it is as secret as a key. */
function secretProblems(alert: Tree, index: number): Problem[] {
  const [bot, email] = [treeOf(alert.slackBot), treeOf(alert.email)]
  const secrets: [string[], unknown][] = [
    [['slack'], typeof alert.slack === 'string' && isLoopback(hostOf(alert.slack)) ? undefined : alert.slack],
    [['signedWith'], alert.signedWith],
    [['slackBot', 'token'], bot.token],
    [['slackBot', 'signingSecret'], bot.signingSecret],
    [['email', 'smtp'], typeof email.smtp === 'string' && /@/.test(email.smtp) ? email.smtp : undefined],
  ]
  return secrets.flatMap(([key, value]): Problem[] => {
    if (typeof value !== 'string' || hasReference(value)) return []
    const message = 'is a secret: put it into an environment variable and write "${NAME}" here'
    return [{ path: ['alerts', index, ...key], message, secret: true }]
  })
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
