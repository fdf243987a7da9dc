import { hostname } from 'node:os'

/** A required variable; throws with its name. */
export function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

/** A number of seconds from the environment, as milliseconds. */
export function seconds(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback)
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is not a number of seconds: ${process.env[name]}`)
  return value * 1000
}

/** In a pod the host name is the pod's name. */
export const podName = (): string => process.env.POD_NAME ?? hostname()

/** One JSON line, as a log shipper expects it. */
export function log(message: string, details: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), message, ...details }))
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The message of anything thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error)
