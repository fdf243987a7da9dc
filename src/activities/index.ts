import { bake } from './bake'
import { data, pageData } from './data'
import { backfill } from './data-backfill'
import { contract } from './data-contract'
import { dataLeft, openData } from './data-open'
import { backupForContract, usersOfSchema } from './data-ready'
import { recordData } from './data-record'
import { canary } from './canary'
import { concludeScan } from './conclude-scan'
import { decideBatch } from './decide-batch'
import { diagnose } from './diagnose'
import { digest } from './digest'
import type { Dependencies } from './dependencies'
import { asActivities } from './failures'
import { endUnplanned } from './end-unplanned'
import { migrate } from './migrate'
import { observe } from './observe'
import { plan } from './plan'
import { planRollback } from './plan-rollback'
import { preflight } from './preflight'
import { prepare } from './prepare'
import { quarantine } from './quarantine'
import { readVote } from './read-vote'
import { reopen } from './reopen'
import { record } from './record'
import { awaitRelease, releaseSays, releaseUpgrades } from './release-end'
import { planRelease } from './release-plan'
import { recordRelease } from './release-record'
import { makeRoom } from './release-room'
import { begunServices, undoUpgrade } from './release-undo'
import { beginWave } from './release-wave'
import { watchUpgrade } from './release-watch'
import { releaseWindow } from './release-window'
import { rollback } from './rollback'
import { rollout } from './rollout'
import { scanHub } from './scan'
import { window } from './window'

/** All activities over one set of clients. One file per stage word. */
export function createActivities(deps: Dependencies) {
  return asActivities({
    observe: observe(deps),
    decideBatch: decideBatch(deps),
    concludeScan: concludeScan(deps),
    scanHub: scanHub(deps),
    plan: plan(deps),
    planRollback: planRollback(deps),
    reopen: reopen(deps),
    window: window(deps),
    preflight: preflight(deps),
    prepare: prepare(deps),
    migrate: migrate(deps),
    canary: canary(deps),
    rollout: rollout(deps),
    bake: bake(deps),
    rollback: rollback(deps),
    diagnose: diagnose(deps),
    quarantine: quarantine(deps),
    data: data(deps),
    pageData: pageData(deps),
    openData: openData(deps),
    dataLeft: dataLeft(deps),
    backfill: backfill(deps),
    usersOfSchema: usersOfSchema(deps),
    backupForContract: backupForContract(deps),
    contract: contract(deps),
    recordData: recordData(deps),
    readVote: readVote(deps),
    record: record(deps),
    endUnplanned: endUnplanned(deps),
    planRelease: planRelease(deps),
    makeRoom: makeRoom(deps),
    releaseWindow: releaseWindow(deps),
    beginWave: beginWave(deps),
    watchUpgrade: watchUpgrade(deps),
    begunServices: begunServices(deps),
    undoUpgrade: undoUpgrade(deps),
    releaseUpgrades: releaseUpgrades(deps),
    recordRelease: recordRelease(deps),
    awaitRelease: awaitRelease(deps),
    releaseSays: releaseSays(deps),
    digest: digest(deps),
  })
}

export type Activities = ReturnType<typeof createActivities>
