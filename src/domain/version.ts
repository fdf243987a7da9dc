/** How tags are read as versions. Facts: Mojaloop's real tag lists mix releases, snapshots, hot-fixes, typos and branches. */
export interface Version {
  tag: string
  /** `v` or empty: kept, and never mixed */
  prefix: string
  /** two to four numbers: `v1.1`, `v1.2.3`, and the hot-fix `v1.2.3.4` */
  numbers: number[]
  /** leading identifier of a pre-release (`rc`, `snapshot`), empty for a release */
  channel: string
  /** what orders two pre-releases of one channel: identifiers after the first */
  rest: (string | number)[]
  /** a flavour such as `alpine` or `slim-bookworm`, empty for none */
  suffix: string
}

/** Word suffixes that name another build of the same release, not an earlier stage of it. */
const flavours = /^(alpine|slim|bookworm|bullseye|buster|jammy|noble|focal|debian|ubuntu|distroless|ubi|musl|windowsservercore|nanoserver|amd64|arm64)/
/** No leading zeros, as in semver; at most nine digits, so that a commit hash of digits is no version number. */
const number = '(0|[1-9][0-9]{0,8})'
const shape = new RegExp(`^([vV]?)${number}\\.${number}(?:\\.${number})?(?:\\.${number})?(?:-([0-9A-Za-z][0-9A-Za-z.-]*))?$`)

/** Undefined for floating (`latest`), malformed (`v.11.12.0`) and one-part tags. */
export function parseVersion(tag: string): Version | undefined {
  const match = shape.exec(tag)
  if (!match) return undefined
  const [, prefix = '', ...parts] = match
  const numbers = parts.slice(0, 4).flatMap((part) => (part === undefined ? [] : [Number(part)]))
  const after = parts[4] ?? ''
  if (after === '') return { tag, prefix, numbers, channel: '', rest: [], suffix: '' }
  if (flavours.test(after)) return { tag, prefix, numbers, channel: '', rest: [], suffix: after }
  const { word, rest, suffix } = splitPreRelease(after)
  return { tag, prefix, numbers, channel: word, rest, suffix }
}

/** `rc.1` and `rc1` are both the first of channel `rc`; `rc.1-alpine` is that for alpine. */
function splitPreRelease(text: string): { word: string; rest: (string | number)[]; suffix: string } {
  const dash = text.search(/-(?=[a-z])/)
  const flavour = dash > 0 && flavours.test(text.slice(dash + 1)) ? text.slice(dash + 1) : ''
  const [first = '', ...others] = (flavour ? text.slice(0, dash) : text).split('.')
  const joined = /^([A-Za-z]+)([0-9]+)$/.exec(first)
  const identifiers = (joined ? [joined[2] ?? '', ...others] : others).map((each) => (/^[0-9]+$/.test(each) ? Number(each) : each))
  return { word: joined?.[1] ?? first, rest: identifiers, suffix: flavour }
}

/** Negative when a is older. Only meaningful for versions of one precision and suffix; semver's order otherwise. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 4; i += 1) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.channel === '' || b.channel === '') return a.channel === b.channel ? 0 : a.channel === '' ? 1 : -1
  if (a.channel !== b.channel) return a.channel < b.channel ? -1 : 1
  return compareIdentifiers(a.rest, b.rest)
}

/** semver.org §11: numbers before words, fewer before more. */
function compareIdentifiers(a: (string | number)[], b: (string | number)[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [x, y] = [a[i], b[i]]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    if (typeof x === 'number' && typeof y === 'number') return x - y
    if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}
