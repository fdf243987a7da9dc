import { Client, Connection } from '@temporalio/client'
import { createCodec } from '../../src/clients/encryption'
import { encryptionKeysOf } from '../../src/config/encryption-keys'
import { hubCodec, type JsonPayload } from '../../src/operations/codec'
import type { SimulatedHub } from './simulated-hub'

/** Every workflow's history with its payloads as workflows see them, but of twenty scans. */
export async function openHistories(hub: SimulatedHub): Promise<Record<string, string>> {
  const codec = hubCodec(createCodec(encryptionKeysOf(hub.env), 'refuse'))
  const open = async (part: unknown): Promise<unknown> => {
    if (Array.isArray(part)) return Promise.all(part.map(open))
    if (typeof part !== 'object' || part === null) return part
    if ('metadata' in part && 'data' in part) {
      const [payload] = await codec.decode([part as JsonPayload])
      return Buffer.from(payload?.data ?? '', 'base64').toString()
    }
    return Object.fromEntries(
      await Promise.all(Object.entries(part).map(async ([key, value]) => [key, await open(value)])),
    )
  }
  const connection = await Connection.connect({ address: hub.stack.temporal.address })
  const texts: Record<string, string> = {}
  try {
    let scans = 0
    for await (const { workflowId, runId, type } of new Client({ connection }).workflow.list({ pageSize: 200 })) {
      // They come every second and are all alike.
      if (type === 'scan' && (scans += 1) > 20) continue
      const show = ['workflow', 'show', '--workflow-id', workflowId, '--run-id', runId, '--output', 'json']
      texts[`history of ${workflowId} ${runId}`] = JSON.stringify(await open(JSON.parse(await hub.temporal(...show))))
    }
  } finally {
    await connection.close()
  }
  return texts
}
