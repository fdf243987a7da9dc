import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Beside dist/src, where `npm run build` puts it. */
export const bundleFile = join(__dirname, '../workflow-bundle.js')

/** Where the workflow code and its payload converter are, for a bundler and for a worker's own threads. */
export const workflowSources = {
  workflowsPath: require.resolve('./workflows'),
  payloadConverterPath: require.resolve('./workflows/payload-converter'),
}

/** The bundle of the build where there is one; the sources when run from them (development, tests). */
export function workflowSource() {
  const { workflowsPath, payloadConverterPath } = workflowSources
  const dataConverter = { payloadConverterPath }
  return existsSync(bundleFile)
    ? { workflowBundle: { codePath: bundleFile }, dataConverter }
    : { workflowsPath, dataConverter }
}
