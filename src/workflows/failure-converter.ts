import { DefaultFailureConverter } from '@temporalio/common'

/** For workers that encrypt: messages and stacks of failures become payloads too, which the codec encrypts. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
