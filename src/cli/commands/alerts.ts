import { plainText } from '../../domain/alerts'
import { RefitError } from '../../domain/errors'
import { instant } from '../../domain/text'
import { type AlertLine, alertOf, alerts, resendAlerts, testAlerts } from '../../operations/alerts'
import { actor, type Command } from '../context'
import { exitCodes } from '../exit-codes'
import { safeLines } from '../render'

const tones = { sent: 'good', waiting: 'warn', dead: 'bad' } as const

interface ListOptions {
  dead?: boolean
  waiting?: boolean
  limit: number
}

/** Alerts as a table, newest first. */
export const list: Command<ListOptions> = async (context, _args, { dead, waiting, limit }) => {
  const state = dead ? 'dead' : waiting ? 'waiting' : undefined
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => alerts({ store }, { limit, ...(state ? { state } : {}) }))
  context.print(found, () => {
    if (found.alerts.length === 0) return [`no alert${state ? ` is ${state}` : ' yet'}`]
    const rows = found.alerts.map((each) => [
      each.id,
      context.paint(tones[each.state], each.state),
      each.target,
      each.level,
      instant(each.createdAt),
      each.title,
      becameOf(each),
    ])
    const hasDead = found.alerts.some((each) => each.state === 'dead')
    return [
      context.table(['ID', 'STATE', 'TARGET', 'LEVEL', 'SINCE', 'ALERT', 'WHAT BECAME OF IT'], rows),
      ...(hasDead ? [context.paint('dim', 'next: refit alerts resend ID, or --all-dead')] : []),
    ]
  })
}

function becameOf({ state, sentAt, dueAt, attempts, lastError }: AlertLine): string {
  if (state === 'sent') return `sent ${sentAt ? instant(sentAt) : ''}${lastError ? `; ${lastError}` : ''}`
  const tries =
    attempts === 0 ? 'not tried yet' : `failed ${attempts} ${attempts === 1 ? 'time' : 'times'}: ${lastError}`
  return state === 'dead' ? `given up; ${tries}` : `next try ${instant(dueAt)}; ${tries}`
}

/** One alert with its text. */
export const show: Command<unknown> = async (context, [id = '']) => {
  const store = await context.parts.store()
  const row = await context.waitFor('the store', () => alertOf({ store }, id))
  const { alert, ...line } = row
  context.print(row, () => [
    `${context.paint(tones[row.state], row.state)}  ${row.target}  ${alert.level}  ${instant(row.createdAt)}`,
    becameOf({ ...line, key: alert.key, level: alert.level, title: alert.title }),
    `key: ${alert.key}`,
    ...(alert.url ? [`page: ${alert.url}`] : []),
    '',
    safeLines(plainText(alert.text)),
  ])
}

/** Sends again what was given up or waits. */
export const resend: Command<{ allDead?: boolean }> = async (context, [id], { allDead = false }) => {
  if ((id === undefined) !== allDead)
    throw new RefitError(
      'USAGE',
      'Say which alert, or --all-dead.',
      'refit alerts list --dead shows what was given up.',
    )
  const store = await context.parts.store()
  const result = await context.waitFor('the store', () => resendAlerts({ store }, id === undefined ? 'dead' : { id }))
  context.print(result, () => [
    `${result.resent} ${result.resent === 1 ? 'alert is' : 'alerts are'} sent now, by the next turn of a worker`,
    'next: refit alerts list --waiting',
  ])
}

/** Sends a test to each target, and says what it answered; exit 1 when one didn't take it. */
export const test: Command<{ by?: string }> = async (context, [target], { by }) => {
  const [notifiers, config] = await Promise.all([context.parts.notifiers(), context.parts.config()])
  const report = await context.waitFor('every target to answer', () =>
    testAlerts({ notifiers, config }, { target, by: actor(context, by), now: context.io.now() }),
  )
  context.print(report, () => {
    const width = Math.max(...report.tested.map((each) => each.target.length))
    return report.tested.map(
      ({ target: name, took, said }) =>
        `${context.paint(took ? 'good' : 'bad', took ? 'ok  ' : 'fail')}  ${name.padEnd(width)}  ${safeLines(said || 'took the test')}`,
    )
  })
  return report.tested.every(({ took }) => took) ? exitCodes.ok : exitCodes.failed
}
