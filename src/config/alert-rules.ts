import type { Problem } from './problems'
import { hasReference } from './references'
import { treeOf, type Tree } from './tree'
import { isLoopback } from '../domain/address'

const leastLetters = 16
const kinds = ['slack', 'slackBot', 'webhook', 'alertmanager', 'email']

/** What concerns more than one value of an alert target, and its secrets. `raw` still has its `${NAME}` references. */
export function alertProblems(alerts: Tree[], raw: Tree[]): Problem[] {
  return [
    ...alerts.flatMap((alert, index) => [...shapeProblems(alert, index), ...reachProblems(alert, index)]),
    ...alerts.flatMap((alert, index) => keyProblems(alert, index)),
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

/** Of a name the address is looked at when it is connected to; what is written as this machine is plain already. */
function reachProblems(alert: Tree, index: number): Problem[] {
  if (alert.allowPrivate === true) return []
  const { smtp } = treeOf(alert.email)
  const urls: [string[], unknown][] = [
    ...['slack', 'webhook', 'alertmanager'].map((kind): [string[], unknown] => [[kind], alert[kind]]),
    [['email', 'smtp'], smtp],
  ]
  return urls.flatMap(([key, url]): Problem[] =>
    typeof url === 'string' && isLoopback(hostOf(url))
      ? [
          {
            path: ['alerts', index, ...key],
            message: 'is on this machine: write allowPrivate: true beside it if it is meant to be',
            secret: true,
          },
        ]
      : [],
  )
}

/** As receivers' libraries take it: 24 to 64 bytes in base64 after the prefix. A plain text must not be guessed. */
function keyProblems({ signedWith }: Tree, index: number): Problem[] {
  if (typeof signedWith !== 'string' || hasReference(signedWith)) return []
  const problem = (message: string): Problem[] => [{ path: ['alerts', index, 'signedWith'], message, secret: true }]
  const [, base64] = /^whsec_(.*)$/.exec(signedWith) ?? []
  if (base64 === undefined)
    return signedWith.length < leastLetters
      ? problem(`is too short; it needs whsec_ and base64, or at least ${leastLetters} letters`)
      : []
  const bytes = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)
    ? Buffer.from(base64, 'base64').length
    : 0
  return bytes < 24 || bytes > 64 ? problem('must have the base64 of 24 to 64 bytes after whsec_') : []
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
