import { routesOf, stuckAfterMs } from '../../domain/alerts'
import { instant, wordList } from '../../domain/text'
import type { TargetRow } from '../../store/contracts'
import { type Check, type DoctorParts, ok } from './check'

/** Whether there is anybody to tell, and whether what is told arrives. */
export async function checkAlerts(parts: DoctorParts, now = Date.now()): Promise<Check[]> {
  const opened = await Promise.all([parts.config(), parts.store()]).catch(() => undefined)
  if (!opened) return [warning('not looked at, because it needs configuration and database', 'Mend those first.')]
  const [config, store] = opened
  if ((await store.check()).pending > 0) return []
  const names = routesOf(config.alerts).map(({ name }) => name)
  const rows = await store.outbox.targets()
  const stuck = rows.filter(({ oldest }) => oldest !== null && oldest.getTime() <= now - stuckAfterMs)
  const dead = rows.filter((row) => row.dead > 0)
  const checks = [...stuck.map((row) => stuckCheck(row, names)), ...dead.map(deadCheck)]
  if (checks.length > 0) return checks
  if (names.length === 0)
    return [warning('nobody is told anything: refit.yaml has no targets', 'Write at least one target under alerts.')]
  if (!config.alerts.some(({ on }) => on.includes('page')))
    return [warning('no target gets pages', 'Add page to the levels (on) of the target that wakes people.')]
  return [ok('alerts', `${wordList(names)}, nothing stuck, no dead letters`)]
}

const warning = (message: string, next: string): Check => ({ name: 'alerts', state: 'warn', message, next })

const stuckCheck = ({ target, waiting, oldest, lastError }: TargetRow, known: readonly string[]): Check => ({
  name: 'alerts',
  state: 'fail',
  message: `${waiting} ${waiting === 1 ? 'alert waits' : 'alerts wait'} for ${target} since ${oldest ? instant(oldest) : ''}${lastError ? `: ${lastError}` : ''}`,
  next: known.includes(target)
    ? `Is a worker up? refit alerts test ${target} says what the target answers.`
    : `refit.yaml has no target ${target} any more: they are given up in some days.`,
})

const deadCheck = ({ target, dead, lastError }: TargetRow): Check =>
  warning(
    `${dead} ${dead === 1 ? 'alert' : 'alerts'} to ${target} ${dead === 1 ? 'was' : 'were'} given up${lastError ? `: ${lastError}` : ''}`,
    'refit alerts list --dead shows them; refit alerts resend --all-dead sends them again.',
  )
