/** Bundles the workflow code at build time, without and with traces and encryption, so that every worker of a release runs the same bytes. */
import { writeFileSync } from 'node:fs'
import { bundleWorkflowCode } from '@temporalio/worker'
import { bundleFile, workflowParts, workflowSources, workflowTraits } from '../src/workflow-source'

async function main(): Promise<void> {
  for (const traits of workflowTraits) {
    const file = bundleFile(traits)
    const { code } = await bundleWorkflowCode({ ...workflowSources, ...workflowParts(traits) })
    writeFileSync(file, code)
    process.stdout.write(`${file}: ${Math.round(code.length / 1024)} KiB\n`)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
