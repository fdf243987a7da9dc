import { randomUUID } from 'node:crypto'
import type { Notifier } from '../clients/contracts'
import type { Config } from '../config'
import { testAlert } from '../domain/alerts'
import { RefitError, sentenceOf } from '../domain/errors'
import { wordList } from '../domain/text'
import type { AlertRow, Store, TargetRow } from '../store/contracts'

/** One alert on its way to one target, without its text. */
export interface AlertLine extends Omit<AlertRow, 'alert'> {
  key: string
  level: string
  title: string
}

/** What `refit alerts list -o json` prints. */
export interface Alerts {
  targets: TargetRow[]
  alerts: AlertLine[]
}

type Deps = { store: Pick<Store, 'outbox'> }

/** Alerts, newest first, and how each target stands. */
export async function alerts({ store }: Deps, filter: { state?: 'waiting' | 'dead'; limit: number }): Promise<Alerts> {
  const [targets, rows] = await Promise.all([store.outbox.targets(), store.outbox.list(filter)])
  return { targets, alerts: rows.map(lineOf) }
}

function lineOf({ alert, ...row }: AlertRow): AlertLine {
  return { ...row, key: alert.key, level: alert.level, title: alert.title }
}

/** One alert with all that is sent of it. Throws ALERT_UNKNOWN when there is none. */
export async function alertOf({ store }: Deps, id: string): Promise<AlertRow> {
  const row = await store.outbox.read(id)
  if (!row) throw new RefitError('ALERT_UNKNOWN', `There is no alert ${id}.`, 'refit alerts list shows what there is.')
  return row
}

/** Has one alert, or all that were given up, sent now. Throws ALERT_UNKNOWN, and ALERT_REFUSED for one that was sent. */
export async function resendAlerts({ store }: Deps, which: { id: string } | 'dead'): Promise<{ resent: number }> {
  if (which === 'dead') return { resent: await store.outbox.resend('dead') }
  const { sentAt } = await alertOf({ store }, which.id)
  if (sentAt)
    throw new RefitError(
      'ALERT_REFUSED',
      `Alert ${which.id} was sent at ${sentAt.toISOString()}.`,
      'What was sent is not sent again: its target would drop it, or show it twice.',
    )
  return { resent: await store.outbox.resend(which) }
}

/** What one target answered to a test. */
export interface TestedTarget {
  target: string
  took: boolean
  /** what it said; empty when it said nothing beside yes */
  said: string
}

/** Sends a test to each target, or to the named one, past the outbox. Throws ALERT_UNKNOWN for a name that is none. */
export async function testAlerts(
  { notifiers, config }: { notifiers: readonly Notifier[]; config: Pick<Config, 'hub'> },
  { target, by, now }: { target?: string | undefined; by: string; now: Date },
): Promise<{ tested: TestedTarget[] }> {
  const meant = notifiers.filter(({ name }) => target === undefined || name === target)
  if (meant.length === 0) throw unknownTarget(notifiers, target)
  const alert = testAlert({ hub: config.hub, key: `test/${randomUUID()}`, by })
  const delivery = { id: `${alert.hub}/${alert.key}`, at: now }
  const tested = meant.map(async (notifier): Promise<TestedTarget> => {
    // A target that wants no info still has to take the test.
    const sent = notifier.send({ ...alert, level: notifier.levels[0] ?? 'info' }, delivery)
    return sent.then(
      (note) => ({ target: notifier.name, took: true, said: note ?? '' }),
      (error: unknown) => ({ target: notifier.name, took: false, said: sentenceOf(error) }),
    )
  })
  return { tested: await Promise.all(tested) }
}

const unknownTarget = (notifiers: readonly Notifier[], target: string | undefined): RefitError =>
  notifiers.length === 0
    ? new RefitError('ALERT_UNKNOWN', 'refit.yaml has no target of alerts.', 'Write one under alerts.')
    : new RefitError(
        'ALERT_UNKNOWN',
        `There is no target ${target ?? ''}.`,
        `refit.yaml has ${wordList(notifiers.map(({ name }) => name))}.`,
      )
