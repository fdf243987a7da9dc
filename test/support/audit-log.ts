import { readFile } from 'node:fs/promises'
import type { Stack } from '../../stack'

/** One line of the API server's audit log, as far as tests look at it. */
export interface AuditEvent {
  verb: string
  userAgent?: string
  user: { username: string }
  objectRef?: { resource: string; name?: string; namespace?: string }
}

/** All that the API server was asked so far. */
export async function auditEvents(stack: Stack): Promise<AuditEvent[]> {
  const lines = (await readFile(stack.kubernetes.auditLog, 'utf8')).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as AuditEvent)
}

/** The writes among these requests, as `verb resource/name`. */
export async function auditedWrites(stack: Stack, isMeant: (event: AuditEvent) => boolean): Promise<string[]> {
  return (await auditEvents(stack))
    .filter((event) => isMeant(event) && !['get', 'list', 'watch'].includes(event.verb))
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}/${objectRef?.name ?? ''}`)
}
