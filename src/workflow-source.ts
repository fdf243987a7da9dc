import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What some workers want of the workflow code, and others neither need nor load. */
export interface WorkflowTraits {
  /** traces are carried through workflows */
  isTraced: boolean
  /** texts of failures are payloads, so that they are encrypted with all others */
  isEncrypted: boolean
}

/** Every kind of bundle, for the build. */
export const workflowTraits: WorkflowTraits[] = [false, true].flatMap((isTraced) =>
  [false, true].map((isEncrypted) => ({ isTraced, isEncrypted })),
)

/** Beside dist/src, where `npm run build` puts them. */
export const bundleFile = ({ isTraced, isEncrypted }: WorkflowTraits): string =>
  join(__dirname, `../workflow-bundle${isTraced ? '-traced' : ''}${isEncrypted ? '-encrypted' : ''}.js`)
export const traceInterceptor = require.resolve('./workflows/trace-interceptor')
const unreadableInterceptor = require.resolve('./workflows/unreadable-interceptor')
const failureConverterPath = require.resolve('./workflows/failure-converter')

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

/** Interceptors and converters of the workflow code, for a bundler and for a worker alike. */
export const workflowParts = ({ isTraced, isEncrypted }: WorkflowTraits) => ({
  workflowInterceptorModules: [unreadableInterceptor, ...(isTraced ? [traceInterceptor] : [])],
  payloadConverterPath: workflowSources.payloadConverterPath,
  ...(isEncrypted ? { failureConverterPath } : {}),
})

/** The bundle of the build where there is one; the sources when run from them (development, tests). */
export function workflowSource(traits: WorkflowTraits) {
  const { workflowsPath, preloadModules } = workflowSources
  const { workflowInterceptorModules: workflowModules, ...dataConverter } = workflowParts(traits)
  const codePath = bundleFile(traits)
  if (existsSync(codePath)) return { ...taskPatience, workflowBundle: { codePath }, workflowModules: [], dataConverter }
  return { ...taskPatience, workflowsPath, workflowModules, dataConverter, bundlerOptions: { preloadModules } }
}
