/** Bundles the workflow code at build time, without traces and with them, so that every worker of a release runs the same bytes. */
import { writeFileSync } from 'node:fs'
import { bundleWorkflowCode } from '@temporalio/worker'
import { bundleFile, traceInterceptor, tracedBundleFile, workflowSources } from '../src/workflow-source'

async function main(): Promise<void> {
  for (const [file, workflowInterceptorModules] of [
    [bundleFile, []],
    [tracedBundleFile, [traceInterceptor]],
  ] as const) {
    const { code } = await bundleWorkflowCode({
      ...workflowSources,
      workflowInterceptorModules: [...workflowInterceptorModules],
    })
    writeFileSync(file, code)
    process.stdout.write(`${file}: ${Math.round(code.length / 1024)} KiB\n`)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
