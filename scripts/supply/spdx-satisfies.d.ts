/** The types that the library leaves out. */
declare module 'spdx-satisfies' {
  /** Whether a licence expression can be met by these licences alone; throws for what is no SPDX expression. */
  export default function satisfies(expression: string, allowed: string[]): boolean
}
