import { mkdtemp, rm } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BareRepository } from './bare-repository'

const run = promisify(execFile)

/** Stands in for Argo CD or Flux: applies each folder of the branch whenever its tip moves. */
export interface GitopsAgent {
  /** until then commits lie there */
  suspend(): void
  resume(): void
  stop(): Promise<void>
}

export function startAgent(
  bare: BareRepository,
  {
    folders,
    kubectl,
    everyMs = 200,
  }: { folders: string[]; kubectl: (...args: string[]) => Promise<string>; everyMs?: number },
): GitopsAgent {
  let [suspended, stopped] = [false, false]
  const applied = new Map<string, string>()

  const applyAll = async (): Promise<void> => {
    for (const folder of folders) {
      const tree = (await bare.git('rev-parse', '--verify', '--quiet', `main:${folder}`).catch(() => '')).trim()
      if (tree === '' || applied.get(folder) === tree) continue
      const checkout = await mkdtemp(join(tmpdir(), 'refit-agent-'))
      const archive = join(checkout, 'tree.tar')
      await bare.git('archive', '--output', archive, tree)
      await run('tar', ['-xf', archive, '-C', checkout])
      const isKustomized = (await bare.git('ls-tree', '--name-only', tree)).includes('kustomization.yaml')
      await rm(archive)
      await kubectl('apply', '--server-side', '--field-manager=argocd-controller', isKustomized ? '-k' : '-f', checkout)
      await rm(checkout, { recursive: true })
      applied.set(folder, tree)
    }
  }
  const loop = async (): Promise<void> => {
    while (!stopped) {
      // A commit that can't be applied is tried again, as agents do.
      if (!suspended) await applyAll().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }
  const running = loop()
  return {
    suspend: () => void (suspended = true),
    resume: () => void (suspended = false),
    stop: () => {
      stopped = true
      return running
    },
  }
}
