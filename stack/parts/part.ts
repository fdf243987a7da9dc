import type { Context } from '../context'
import type { Command } from '../process'
import type { ToolName } from '../tools'
import type { PartName } from '../types'

/** One process of a stack: an entry of the table that the launcher works from. */
export interface Part {
  name: PartName
  /** Parts that have to be healthy before this one starts. */
  needs: PartName[]
  /** Binaries to build for it. */
  tools: ToolName[]
  /** Writes configuration and first data; runs before every start and changes nothing that is there already. */
  prepare?: (context: Context) => Promise<void> | void
  command: (context: Context) => Command
  /** Returns when the part does its work. @throws with the reason when it doesn't (yet) */
  healthy: (context: Context) => Promise<void>
  /** Host and port, or socket, where it answers. */
  address: (context: Context) => string
  /** Seconds until a start counts as failed. */
  patience: number
  stop: {
    signal: NodeJS.Signals
    /** Milliseconds before SIGKILL. */
    grace: number
  }
}
