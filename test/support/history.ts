import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface Recorded {
  workflowId: string
  history: {
    events: {
      eventType: string
      workflowExecutionStartedEventAttributes?: { workflowType: { name: string } }
      activityTaskScheduledEventAttributes?: { activityType: { name: string } }
      workflowExecutionCompletedEventAttributes?: { result?: { payloads: { data?: string }[] } }
    }[]
  }
}

export const readHistory = (file: string): Recorded => JSON.parse(readFileSync(file, 'utf8')) as Recorded

/**
 * A history as the SDK takes it. The SDK's own reader of JSON wants one protobufjs for all of its packages; where npm
 * installs one in each, it refuses every history ("type must be a Type"). So it is read with the one of the messages.
 */
export function parseHistory(json: unknown): unknown {
  const common = createRequire(require.resolve('@temporalio/common'))
  const proto = common('@temporalio/proto') as object
  const { patchProtobufRoot } = common('@temporalio/proto/lib/patch-protobuf-root') as {
    patchProtobufRoot(root: object): { lookupType(name: string): unknown }
  }
  const { fromJson } = createRequire(common.resolve('@temporalio/proto'))('protobufjs/ext/protojson') as {
    fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): unknown
  }
  const type = patchProtobufRoot(proto).lookupType('temporal.api.history.v1.History')
  return fromJson(type, json, { ignoreUnknownFields: true })
}
