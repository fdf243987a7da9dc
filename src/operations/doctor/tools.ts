import { type Check, ok } from './check'

/** Runs a program and gives what it printed; throws when it isn't there. */
export type RunTool = (command: string, args: string[]) => Promise<string>

const tools = [
  { name: 'JDK', command: 'java', args: ['-version'], least: 17 },
  { name: 'Maven', command: 'mvn', args: ['-version'], least: undefined },
]

/** For developers: the workflow tests run on Temporal's time-skipping test server, which is a Java program. */
export function checkTools(run: RunTool): Promise<Check[]> {
  return Promise.all(
    tools.map(async ({ name, command, args, least }): Promise<Check> => {
      const next = `Install ${name}${least ? ` ${least} or later` : ''}; only the workflow tests need it.`
      try {
        const [first = ''] = (await run(command, args)).trim().split('\n')
        const major = Number(/version "(\d+)/.exec(first)?.[1])
        if (least && major < least) return { name, state: 'warn', message: `${first} is too old`, next }
        return ok(name, first)
      } catch {
        return { name, state: 'warn', message: `${command} was not found`, next }
      }
    }),
  )
}
