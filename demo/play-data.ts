import { withDataMigrations } from '../examples/hub/releases'
import { proveQuotes } from '../examples/hub/seed'
import type { DataRow } from '../src/store/data-contracts'
import { approveByRefit, playUpgrade, type ActResult } from './play-upgrade'
import { seeded, type Stage } from './stage'

const ledger = { namespace: 'hub', service: 'ledger' }
/** Bounds every wait: beyond it something is wrong, and the demo says what it waited for. */
const patienceMs = 240_000

/**
 * The release that requires what old rows lack: expand and upgrade, then the backfill of the whole table and, after a yes
 * of its own, the contract, all of it beside the payments.
 */
export async function playData(stage: Stage): Promise<ActResult[]> {
  await stage.configure(withDataMigrations)
  const upgraded = await playUpgrade(stage, {
    act: `Act 8: v1.2.0 requires a quote of every transfer, and ${seeded.toLocaleString('en')} old ones have none`,
    release: 'ledger:v1.2.0',
    tag: 'v1.2.0',
    expected: 'succeeded',
    during: async ({ planHash }) => {
      stage.screen.say('refit.yaml names the migrations of v1.2.0 now: expand, backfill, contract')
      await approveByRefit(stage, planHash)
    },
  })
  const before = stage.load?.last
  const waits = await dataWhere(stage, 'the approval of its contract', ({ phase }) => phase === 'approval')
  stage.screen.say(`${withoutFolders(waits.message)}; waits for ${waits.waitingFor || 'nobody'}`)
  if (waits.outcome === null) await refit(stage, ['data', 'approve', 'hub/ledger', '--plan', waits.planHash])
  const ended = await dataWhere(stage, 'the end of its contract', () => false)
  stage.screen.say(`data of v1.2.0: ${ended.outcome} (${ended.message})`)
  const proof = await proveQuotes(stage.stack.postgres.url('hub'))
  stage.screen.say(
    `${proof.transfers} transfers, ${proof.withoutQuote} without a quote; the column ${proof.isRequired ? 'is' : 'is NOT'} NOT NULL; ` +
      `${proof.seededIntact} of ${seeded} old ones intact; debits ${proof.debitsEqualCredits ? 'equal' : 'do NOT equal'} credits`,
  )
  const isProven =
    proof.withoutQuote === 0 && proof.isRequired && proof.seededIntact === seeded && proof.debitsEqualCredits
  const after = stage.load?.last
  const contracted: ActResult = {
    act: 'Its backfill and contract',
    expected: 'succeeded',
    outcome: ended.outcome === 'succeeded' && !isProven ? 'not proven' : (ended.outcome ?? 'open'),
    phases: { data: Math.round(((ended.endedAt ?? new Date()).getTime() - ended.startedAt.getTime()) / 100) / 10 },
    requests: before && after ? after.sent - before.sent : null,
    failed: before && after ? after.failed - before.failed : null,
  }
  return [upgraded, contracted]
}

async function refit(stage: Stage, args: string[]): Promise<void> {
  stage.screen.command(`refit ${args.join(' ')}`)
  const { code, output } = await stage.refit.run(...args)
  if (code !== 0) throw new Error(`refit ${args.join(' ')}: ${output}`)
  for (const line of output.split('\n').filter((text) => text.trim() !== '')) stage.screen.say(line)
}

/** The newest data run once it is as asked, or ended; what it says meanwhile is told. */
async function dataWhere(stage: Stage, what: string, done: (row: DataRow) => boolean): Promise<DataRow> {
  const { store, screen } = stage
  let said = ''
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    const row = await store.data.latest(ledger).catch(() => undefined)
    if (row && (row.outcome !== null || done(row))) return row
    const now =
      row && (row.phase === 'backfill' ? await progressOf(stage) : `${row.phase}: ${withoutFolders(row.message)}`)
    if (now && now !== said) screen.say(now)
    said = now ?? said
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`waited ${patienceMs / 1000} s for ${what}; the last word: ${said}`)
}

/** What `refit data status` says of the backfill. */
async function progressOf({ refit }: Stage): Promise<string | undefined> {
  const { stdout } = await refit.run('data', 'status', 'hub/ledger')
  const line = stdout.split('\n').find((each) => each.startsWith('progress'))
  return line && withoutFolders(line)
}

/** Where the sample hub lies on this machine tells nobody anything. */
const withoutFolders = (text: string): string => text.replaceAll(/\S+\/examples\/hub\//g, '')
