import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { bundleWorkflowCode } from '@temporalio/worker'
import type { workflowParts, workflowSources } from '../../src/workflow-source'

const root = join(__dirname, '../..')

export interface ChaosProgram {
  /** of the worker */
  file: string
  /** of the workflow code that it runs */
  bundle: { codePath: string }
  remove(): void
}

/**
 * Transpiles Refit and the worker that dies into a folder of its own beside the installed packages, with the workflow code
 * bundled: such a worker is up in two seconds, and needs no `npm run build`. `soon`: with the short waits of soon.ts.
 */
export async function buildChaosProgram({ soon }: { soon: boolean }): Promise<ChaosProgram> {
  const folder = join(root, 'node_modules/.cache/refit-chaos', `${process.pid}-${soon ? 'soon' : 'real'}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const sources = ['src', 'migrations', 'bench/chaos'].flatMap((each) =>
    readdirSync(join(root, each), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith('.ts'))
      .map((file) => join(file.parentPath, file.name)),
  )
  buildSync({
    ...{ entryPoints: sources, outdir: folder, outbase: root, platform: 'node', format: 'cjs', target: 'node20' },
    logLevel: 'error',
  })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  const codePath = join(folder, 'workflow-bundle.js')
  writeFileSync(codePath, await bundleIn(folder, soon))
  return {
    file: join(folder, 'bench/chaos/worker.js'),
    bundle: { codePath },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Source {
  workflowSources: typeof workflowSources
  workflowParts: typeof workflowParts
}

async function bundleIn(folder: string, soon: boolean): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- of the copy, whose paths are its own
  const source = require(join(folder, 'src/workflow-source.js')) as Source
  const parts = source.workflowParts({ isTraced: false, isEncrypted: false })
  const short = soon ? [join(folder, 'bench/chaos/soon.js')] : []
  const workflowInterceptorModules = [...parts.workflowInterceptorModules, ...short]
  return (await bundleWorkflowCode({ ...source.workflowSources, ...parts, workflowInterceptorModules })).code
}
