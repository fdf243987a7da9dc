import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** Where in a step its worker dies: before it begins, after its first effect outside the process, done but not yet told. */
export const whens = ['before', 'inside', 'after'] as const
export type When = (typeof whens)[number]

export interface Point {
  step: string
  when: When
}

export const pointName = ({ step, when }: Point): string => `${step}.${when}`

const armedFile = 'armed.json'

/**
 * What the harness and the workers that it kills say to each other: a folder, because files outlive a SIGKILL. One file per
 * point that was reached, one per kill.
 */
export class Switch {
  constructor(readonly folder: string) {
    for (const each of ['reached', 'killed']) mkdirSync(join(folder, each), { recursive: true })
  }

  /** From now on the first worker that reaches one of these points dies there, once. */
  arm(points: readonly string[]): void {
    const file = join(this.folder, armedFile)
    // A worker that reads it meanwhile must not see half of it.
    writeFileSync(`${file}.new`, JSON.stringify(points))
    renameSync(`${file}.new`, file)
  }

  armed(): string[] {
    const file = join(this.folder, armedFile)
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []
  }

  /** In a worker: notes the point, and ends this process there if that was asked for and has not been done before. */
  reach(point: Point): void {
    const name = pointName(point)
    mark(join(this.folder, 'reached', name))
    if (this.armed().includes(name) && mark(join(this.folder, 'killed', name))) process.kill(process.pid, 'SIGKILL')
  }

  /** A worker may die there once more. */
  forget(point: string): void {
    rmSync(join(this.folder, 'killed', point), { force: true })
  }

  reached(): string[] {
    return readdirSync(join(this.folder, 'reached'))
  }

  killed(): string[] {
    return readdirSync(join(this.folder, 'killed'))
  }
}

/** False when it is there already. */
function mark(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
