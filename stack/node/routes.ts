import { network } from '../network'
import { run } from '../run'

/** A route of the machine that overlaps the stack's ranges, as text; undefined if there is none. */
export async function foreignRoute(): Promise<string | undefined> {
  const { stdout } = await run('ip', ['-4', 'route', 'show'])
  const ranges = [network.services, network.pods, network.simulatedPods, `${network.nodeAddress}/32`]
  return stdout.split('\n').find((line) => {
    const fields = line.trim().split(' ')
    const destination = (fields[0] === 'blackhole' ? fields[1] : fields[0]) ?? ''
    return /^\d/.test(destination) && ranges.some((range) => overlap(range, destination))
  })
}

/** True if two IPv4 ranges in CIDR notation share an address. */
export function overlap(left: string, right: string): boolean {
  const [a, b] = [parse(left), parse(right)]
  const size = 2 ** (32 - Math.min(a.bits, b.bits))
  return Math.floor(a.address / size) === Math.floor(b.address / size)
}

function parse(range: string): { address: number; bits: number } {
  const [address = '', bits = '32'] = range.split('/')
  return { address: address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0), bits: Number(bits) }
}
