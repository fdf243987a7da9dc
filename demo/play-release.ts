import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { ReleaseRow } from '../src/store/contracts'
import type { ActResult } from './play-upgrade'
import type { Stage } from './stage'

export interface ReleaseAct {
  act: string
  /** in examples/hub: `release-1.1.6.yaml` */
  file: string
  /** on simulated nodes the tag itself tells the pods how to behave */
  publishAs?: Record<string, string>
  expected: string
}

/** Bounds every wait: beyond it something is wrong, and the demo says what it waited for. */
const patienceMs = 420_000

/** A release of the whole hub, from its dry run to its end, measured by the load that ran meanwhile. */
export async function playRelease(
  stage: Stage,
  { act, file, publishAs = {}, expected }: ReleaseAct,
): Promise<ActResult> {
  stage.screen.act(act)
  const before = stage.load?.last
  const named = await prepare(stage, file, publishAs)
  const { release: name } = parse(await readFile(named, 'utf8')) as { release: string }
  await command(stage, ['release', 'plan', named])
  await command(stage, ['release', 'start', named])
  const { hash } = await releaseWhere(stage, name, ({ phase, outcome }) => phase === 'approval' || outcome !== null)
  await command(stage, ['release', 'approve', name, '--plan', hash ?? ''])
  const ended = await releaseWhere(stage, name, ({ outcome }) => outcome !== null)
  await tell(stage, ended)
  const after = stage.load?.last
  return {
    act,
    expected,
    outcome: ended.outcome ?? 'open',
    phases: await secondsPerPhase(stage, ended),
    requests: before && after ? after.sent - before.sent : null,
    failed: before && after ? after.failed - before.failed : null,
  }
}

/** Publishes what the file names; where tags are others than in the file, a copy of it says so. */
async function prepare(stage: Stage, file: string, publishAs: Record<string, string>): Promise<string> {
  const path = join(__dirname, '../examples/hub', file)
  let text = await readFile(path, 'utf8')
  const { services } = parse(text) as { services: Record<string, string> }
  const releases = Object.entries(services).map(([image, tag]) => `${image.replace('hub/', '')}:${tag}`)
  await stage.publish(...releases)
  for (const [release, tag] of Object.entries(publishAs)) {
    await stage.copyTag(release, tag)
    text = text.replace(`hub/${release.replace(':', ': ')}`, `hub/${release.split(':')[0]}: ${tag}`)
  }
  if (Object.keys(publishAs).length === 0) return path
  const copy = join(stage.stack.stateDir, file)
  await writeFile(copy, text)
  return copy
}

async function command(stage: Stage, args: string[]): Promise<void> {
  stage.screen.command(`refit ${args.map((arg) => arg.replace(/^.*\/examples\//, 'examples/')).join(' ')}`)
  const { code, output } = await stage.refit.run(...args)
  if (code !== 0) throw new Error(`refit ${args.join(' ')}: ${output}`)
  for (const line of output.split('\n').filter((text) => text.trim() !== '')) stage.screen.say(line)
}

async function releaseWhere({ store }: Stage, name: string, done: (row: ReleaseRow) => boolean): Promise<ReleaseRow> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    const row = await store.releases.latest(name).catch(() => undefined)
    if (row && done(row)) return row
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`waited ${patienceMs / 1000} s for release ${name}`)
}

async function tell({ store, screen }: Stage, { id, name, outcome, message }: ReleaseRow): Promise<void> {
  for (const event of await store.releases.events(id))
    if (event.kind === 'wave' || event.kind === 'undone') screen.say(event.message)
  screen.say(`release ${name}: ${outcome} (${message})`)
}

async function secondsPerPhase({ store }: Stage, { id }: ReleaseRow): Promise<Record<string, number>> {
  const events = (await store.releases.events(id)).filter(({ kind }) => kind === 'entered' || kind === 'ended')
  const seconds: Record<string, number> = {}
  for (const [index, event] of events.entries()) {
    const next = events[index + 1]
    if (!next) continue
    const took = (next.at.getTime() - event.at.getTime()) / 1000
    seconds[event.phase] = Math.round(((seconds[event.phase] ?? 0) + took) * 10) / 10
  }
  return seconds
}
