/** Bundles the workflow code at build time, without and with traces and encryption, so that every worker of a release runs the same bytes. */
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'
import { bundleFile, workflowParts, workflowSources, workflowTraits } from '../src/workflow-source'

async function main(): Promise<void> {
  for (const traits of workflowTraits) {
    const file = bundleFile(traits)
    const { code } = await bundleWorkflowCode({ ...workflowSources, ...workflowParts(traits) })
    writeFileSync(file, withoutMachine(code, dirname(dirname(file))))
    process.stdout.write(`${file}: ${Math.round(code.length / 1024)} KiB\n`)
  }
}

/** The source map at its end names files of the machine that bundles: from the project's folder on they are the same everywhere. */
const withoutMachine = (code: string, root: string): string =>
  code.replace(/(?<=^\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)\S+/m, (map) =>
    Buffer.from(Buffer.from(map, 'base64').toString('utf8').replaceAll(`${root}/`, '')).toString('base64'),
  )

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
