/** Bundles the workflow code once, at build time, so that every worker of a release runs the very same bytes. */
import { writeFileSync } from 'node:fs'
import { bundleWorkflowCode } from '@temporalio/worker'
import { bundleFile, workflowSources } from '../src/workflow-source'

async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode(workflowSources)
  writeFileSync(bundleFile, code)
  process.stdout.write(`${bundleFile}: ${Math.round(code.length / 1024)} KiB\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
