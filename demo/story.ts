import {
  type Act,
  type ActResult,
  approveByRefit,
  approveBySignal,
  approveWrongPlan,
  playUpgrade,
  waitForPhase,
} from './play-upgrade'
import { playByHand } from './by-hand'
import { playData } from './play-data'
import { playRelease, type ReleaseAct } from './play-release'
import type { Stage } from './stage'

/** An act that differs from others by its data only. */
type Release = Omit<Act, 'during'>

/** The acts, in order. On simulated nodes those whose point is traffic or real health are left out. */
export async function play(stage: Stage): Promise<ActResult[]> {
  const real = stage.stack.node === 'real'
  const results: ActResult[] = []
  results.push(...(await killedHalfway(stage)))
  results.push(await approved(stage, neverReady(real)))
  results.push(await insideWindow(stage))
  if (real) results.push(await approved(stage, sickDuringBake))
  if (real && stage.options.rude) results.push(await approved(stage, rude))
  if (real) results.push(await playByHand(stage))
  results.push(await playRelease(stage, badQuoting(real)))
  results.push(await playRelease(stage, wholeHub))
  if (real) results.push(...(await playData(stage)))
  else stage.screen.say('Act 8 is left out: pods of simulated nodes have no data to backfill')
  return results
}

/** On simulated nodes the tag itself tells the pods how to behave, so the release is published under such a tag. */
function neverReady(real: boolean): Release {
  const tag = real ? 'v1.0.2' : 'v1.0.2-never-ready.1'
  return {
    act: `Act 2: ${tag} never gets ready`,
    release: real ? 'ledger:v1.0.2' : 'ledger:v1.0.1',
    publishAs: tag,
    tag,
    expected: 'rolled-back',
  }
}

const sickDuringBake: Release = {
  act: 'Act 4: v1.1.1 turns sick during the bake, after its migration ran',
  release: 'ledger:v1.1.1',
  tag: 'v1.1.1',
  expected: 'rolled-back',
}

const rude: Release = {
  act: 'Rude: v1.1.2 fails one payment in twenty while it looks healthy',
  release: 'ledger:v1.1.2',
  tag: 'v1.1.2',
  expected: 'succeeded',
}

/** Two services after the ledger, one of them bad: everything that the release did is put back in reverse order. */
const badQuoting = (real: boolean): ReleaseAct => ({
  act: 'Act 6: a release of the hub, the ledger first, with a quoting that never gets ready',
  file: 'release-1.1.6.yaml',
  ...(real ? {} : { publishAs: { 'quoting:v1.1.1': 'v1.1.1-never-ready.1' } }),
  expected: 'rolled-back',
})

const wholeHub: ReleaseAct = {
  act: 'Act 7: the same release with a good quoting',
  file: 'release-1.1.7.yaml',
  expected: 'succeeded',
}

/** An act in which a person approves with Refit's CLI and looks on. */
const approved = (stage: Stage, release: Release): Promise<ActResult> =>
  playUpgrade(stage, { ...release, during: ({ planHash }) => approveByRefit(stage, planHash) })

async function killedHalfway(stage: Stage): Promise<ActResult[]> {
  let refused = ''
  const upgraded = await playUpgrade(stage, {
    act: 'Act 1: v1.0.1 is approved with the temporal CLI, and its worker is killed halfway',
    release: 'ledger:v1.0.1',
    tag: 'v1.0.1',
    expected: 'succeeded',
    during: async ({ planHash }) => {
      refused = await approveWrongPlan(stage, planHash)
      await approveBySignal(stage, planHash)
      await waitForPhase(stage, 'v1.0.1', 'rollout')
      stage.screen.command('kill -9 <worker>')
      await stage.refit.killWorker()
      stage.screen.say('the worker is dead; pods go on rolling, payments go on flowing')
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      const pid = await stage.refit.startWorker()
      stage.screen.say(`a new worker (pid ${pid}) goes on where the old one died`)
    },
  })
  return [
    upgraded,
    {
      act: 'An approval for another plan hash',
      expected: 'refused',
      outcome: refused,
      phases: {},
      requests: null,
      failed: null,
    },
  ]
}

async function insideWindow(stage: Stage): Promise<ActResult> {
  return playUpgrade(stage, {
    act: 'Act 3: v1.1.0 migrates the database and waits for its window, which opens by itself',
    release: 'ledger:v1.1.0',
    tag: 'v1.1.0',
    expected: 'succeeded',
    during: async ({ planHash }) => {
      // The sample hub's window is open for the first 45 s of each minute: approve while it is closed.
      while (new Date().getSeconds() < 46) await new Promise((resolve) => setTimeout(resolve, 200))
      await approveByRefit(stage, planHash)
      const { phase, waitingFor } = await waitForPhase(stage, 'v1.1.0', 'window')
      stage.screen.say(`approved; phase ${phase}, waits for ${waitingFor}`)
    },
  })
}
