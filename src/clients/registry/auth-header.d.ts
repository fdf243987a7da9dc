declare module 'auth-header' {
  /** Takes one `WWW-Authenticate` apart. Throws TypeError for what is none. */
  export function parse(header: string): {
    scheme: string
    params: Record<string, string | string[]>
    token: string | string[] | null
  }
}
