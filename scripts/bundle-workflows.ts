/** Bundles the workflow code once, at build time, so that every worker of a release runs the very same bytes. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'

async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('../src/workflows') })
  const file = resolve(__dirname, '../workflow-bundle.js')
  writeFileSync(file, code)
  process.stdout.write(`${file}: ${Math.round(code.length / 1024)} KiB\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
