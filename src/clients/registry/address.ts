import { lookup as lookUp, type LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** How far an address reaches; what a registry names may reach no closer than the registry itself. */
export type Reach = 'public' | 'private' | 'loopback' | 'link-local'

/** Thrown instead of connecting. */
export class ForbiddenAddress extends Error {
  constructor(
    hostname: string,
    readonly reach: Reach,
  ) {
    super(`${hostname} is a ${reach} address`)
  }
}

const reaches: Readonly<Record<string, Reach>> = {
  unicast: 'public',
  loopback: 'loopback',
  unspecified: 'loopback',
  linkLocal: 'link-local',
}

/** Everything that isn't plainly public counts as private. */
export function reachOf(ip: string): Reach {
  const address = ipaddr.process(ip)
  // NAT64: the last 32 bits are the IPv4 address that is reached.
  if (address instanceof ipaddr.IPv6 && address.range() === 'rfc6052')
    return reachOf(address.toByteArray().slice(12).join('.'))
  return reaches[address.range()] ?? 'private'
}

/** The reaches that a registry at this hostname may point to: the public one, and its own. */
export async function allowedFor(registryHostname: string): Promise<ReadonlySet<Reach>> {
  const name = bare(registryHostname)
  const found = isIP(name) ? [name] : (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address)
  // A name with addresses of several kinds is no evidence for the closer ones.
  const [own, ...others] = [...new Set(found.map(reachOf))]
  return new Set(own && others.length === 0 ? ['public', own] : ['public'])
}

/** Throws ForbiddenAddress for a hostname that is itself an address out of bounds: no name is looked up for those. */
export function checkLiteral(hostname: string, allowed: ReadonlySet<Reach>): void {
  const name = bare(hostname)
  if (!isIP(name)) return
  const reach = reachOf(name)
  if (!allowed.has(reach)) throw new ForbiddenAddress(hostname, reach)
}

/** A `lookup` for sockets: what is checked is what is connected to, so that a name can't change its address in between. */
export const guardedLookup =
  (allowed: ReadonlySet<Reach>): LookupFunction =>
  (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const addresses = error ? [] : found
      const forbidden = addresses.map(({ address }) => reachOf(address)).find((reach) => !allowed.has(reach))
      const failure = error ?? (forbidden ? new ForbiddenAddress(hostname, forbidden) : null)
      if (options.all || failure) callback(failure, addresses)
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    })
  }

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')
