import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Beside dist/src, where `npm run build` puts them. */
export const bundleFile = join(__dirname, '../workflow-bundle.js')
/** The same with what carries traces through workflows: nothing of it is loaded where nobody wants traces. */
export const tracedBundleFile = join(__dirname, '../workflow-bundle-traced.js')
export const traceInterceptor = require.resolve('./workflows/trace-interceptor')

/**
 * Pure code that keeps nothing between two calls, so that all workflows of a worker's thread may share it. Everything else
 * is evaluated anew, and kept, for each workflow: a third less memory and a tenth less CPU for a new one.
 */
const shared = [
  'approval',
  'approval-status',
  'data-status',
  'held',
  'release-status',
  'rollout-undo',
  'status',
  'text',
]

/** Where the workflow code and its payload converter are, for a bundler and for a worker's own threads. */
export const workflowSources = {
  workflowsPath: require.resolve('./workflows'),
  payloadConverterPath: require.resolve('./workflows/payload-converter'),
  preloadModules: ['re2js', ...shared.map((name) => `./domain/${name}`)].map((name) => require.resolve(name)),
}

/**
 * How long one task of a workflow may keep its thread. The SDK's 5 s are too short for 10,000 signals that came while no
 * worker was up (0.4 ms of CPU each, nearly all of it the SDK's own), and a task that is cut off is tried again for ever.
 * The SDK reads the option but leaves it out of its types.
 */
export const taskPatience = { isolateExecutionTimeout: '60s' }

/** The bundle of the build where there is one; the sources when run from them (development, tests). */
export function workflowSource({ isTraced = false } = {}) {
  const { workflowsPath, payloadConverterPath, preloadModules } = workflowSources
  const dataConverter = { payloadConverterPath }
  const codePath = isTraced ? tracedBundleFile : bundleFile
  if (existsSync(codePath)) return { ...taskPatience, workflowBundle: { codePath }, workflowModules: [], dataConverter }
  const workflowModules = isTraced ? [traceInterceptor] : []
  return { ...taskPatience, workflowsPath, workflowModules, dataConverter, bundlerOptions: { preloadModules } }
}
