/** Where a server listens. */
export interface Address {
  /** without the brackets of an IPv6 address */
  host: string
  /** 0 means any free one */
  port: number
}

/** `host:port`, such as `127.0.0.1:8080` or `[::1]:8080`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  return match && port <= 65_535 ? { host: (match[1] ?? match[2]) as string, port } : undefined
}

/** Whether a host (with or without port) is this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return host === '::1' || name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)
}
