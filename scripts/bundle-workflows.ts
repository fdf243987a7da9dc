/** Bundles the workflow code at build time, without traces and with them, so that every worker of a release runs the same bytes. */
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'
import { bundleFile, traceInterceptor, tracedBundleFile, workflowSources } from '../src/workflow-source'

const root = dirname(dirname(bundleFile))

async function main(): Promise<void> {
  for (const [file, workflowInterceptorModules] of [
    [bundleFile, []],
    [tracedBundleFile, [traceInterceptor]],
  ] as const) {
    const { code } = await bundleWorkflowCode({
      ...workflowSources,
      workflowInterceptorModules: [...workflowInterceptorModules],
    })
    writeFileSync(file, withoutMachine(code))
    process.stdout.write(`${file}: ${Math.round(code.length / 1024)} KiB\n`)
  }
}

/** The source map at its end names files of the machine that bundles: from the project's folder on they are the same everywhere. */
const withoutMachine = (code: string): string =>
  code.replace(/(?<=^\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)\S+/m, (map) =>
    Buffer.from(Buffer.from(map, 'base64').toString('utf8').replaceAll(`${root}/`, '')).toString('base64'),
  )

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
