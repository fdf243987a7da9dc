/** `npm test`: makes sure of the real parts, runs every project, and ends with one plain line: `N passed, N failed`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries, timeSkippingServer, toolNames } from '../stack'
import { ensurePrograms, ensurePrometheus } from './programs'

interface Counts {
  passed: number
  failed: number
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(args: string[]): Promise<number> {
  if (args.length > 0) return report([jest(args)])
  ensurePrograms(say)
  ensurePrometheus(say)
  await buildBinaries([...toolNames], say)
  await timeSkippingServer(say)
  // The node is one per machine, so its tests run alone and one after the other.
  return report([
    jest(['--selectProjects', 'unit', 'real']),
    jest(['--selectProjects', 'node', '--runInBand', '--passWithNoTests']),
  ])
}

interface Run {
  status: number
  counts: Counts
}

function report(runs: Run[]): number {
  const passed = runs.reduce((sum, { counts }) => sum + counts.passed, 0)
  const failed = runs.reduce((sum, { counts }) => sum + counts.failed, 0)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return runs.some(({ status }) => status !== 0) ? 1 : 0
}

function jest(args: string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'refit-test-'))
  const countsFile = join(folder, 'counts.json')
  try {
    const { status } = spawnSync(process.execPath, [require.resolve('jest/bin/jest'), ...args], {
      stdio: 'inherit',
      // A cluster or database of the user's own is never touched.
      env: { ...process.env, REFIT_TEST_COUNTS: countsFile, KUBECONFIG: '', DATABASE_URL: '' },
    })
    return { status: status ?? 1, counts: JSON.parse(readFileSync(countsFile, 'utf8')) as Counts }
  } catch {
    return { status: 1, counts: { passed: 0, failed: 1 } }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    process.exit(1)
  },
)
