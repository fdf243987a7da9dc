/** How tags are read as versions. Facts: Mojaloop's real tag lists mix releases, snapshots, hot-fixes, typos and branches. */
export interface Version {
  tag: string
  /** `v` or empty: kept, and never mixed */
  prefix: string
  /** one to four numbers: `7`, `v1.1`, `v1.2.3`, and the hot-fix `v1.2.3.4`, which `v1.2.3-hotfix.4` is, too */
  numbers: number[]
  /** how a hot-fix is written: a fourth number, or one of the words; absent for everything else */
  hotfix?: 'number' | 'hotfix' | 'patch'
  /** leading identifier of a pre-release (`rc`, `snapshot`) in lower case, empty for a release */
  channel: string
  /** what orders two pre-releases of one channel: identifiers after the first */
  rest: (string | number)[]
  /** a flavour such as `alpine` or `slim-bookworm`, empty for none */
  suffix: string
}

/** No leading zeros, as in semver. */
const number = '(0|[1-9][0-9]{0,8})'
/** Python writes `3.8.0b1`, without a dash. */
const shape = new RegExp(
  `^([vV]?)${number}\\.${number}(?:\\.${number})?(?:\\.${number})?(?:((?:a|b|rc)[0-9]{1,9})(?=-|$))?(?:-([0-9A-Za-z][0-9A-Za-z._-]*))?$`,
)

/** A number alone: shorter than a commit hash, which may happen to consist of digits. */
const onePart = /^([vV]?)(0|[1-9][0-9]{0,5})(?:-([0-9A-Za-z][0-9A-Za-z._-]*))?$/

/** Words for an earlier stage of a release, with or without a counter. */
const stage =
  /^(snapshot|alpha|beta|rc|cr|dev|pre|preview|prerelease|milestone|m|ea|canary|nightly|next|test|unstable|experimental|a|b)(?:[.-]?([0-9]{1,9}(?:\.[0-9]{1,9})*))?(?:-(.+))?$/i
const hotfix = /^(hotfix|patch)(?:[.-]?([0-9]{1,9}))?$/i
/** Words for another build of the same release; with a number of its own (`alpine3.20`) it still is none of ours. */
const flavour =
  /^(alpine|slim|bookworm|bullseye|buster|trixie|jammy|noble|focal|debian|ubuntu|distroless|ubi|musl|windowsservercore|nanoserver|amd64|arm64)/i

/** Undefined for floating (`latest`) and malformed (`v.11.12.0`) tags. */
export function parseVersion(tag: string): Version | undefined {
  const match = shape.exec(tag)
  if (!match) return parseOnePart(tag)
  const [, prefix = '', ...parts] = match
  const numbers = parts.slice(0, 4).flatMap((part) => (part === undefined ? [] : [Number(part)]))
  const release: Version = {
    tag,
    prefix,
    numbers,
    channel: '',
    rest: [],
    suffix: '',
    ...(numbers.length === 4 ? { hotfix: 'number' as const } : {}),
  }
  const [glued, after = ''] = [parts[4], parts[5]]
  if (glued) return { ...release, ...stageOf(glued), suffix: after }
  if (after === '') return release
  const fix = numbers.length === 3 ? hotfix.exec(after) : null
  if (fix)
    return {
      ...release,
      numbers: [...numbers, Number(fix[2] ?? 0)],
      hotfix: (fix[1] as string).toLowerCase() as 'hotfix' | 'patch',
    }
  return { ...release, ...readSuffix(after) }
}

function parseOnePart(tag: string): Version | undefined {
  const [, prefix = '', number, after] = onePart.exec(tag) ?? []
  if (number === undefined) return undefined
  const version = { tag, prefix, numbers: [Number(number)], channel: '', rest: [], suffix: '' }
  return after === undefined ? version : { ...version, ...readSuffix(after) }
}

/**
 * What follows the dash. A known stage (`rc1`, `snapshot.2`, `beta1-alpine`) or a word with a counter after a dot
 * (`infitx.27`, a branch's builds) is a pre-release; everything else names a flavour and must stay as it is.
 */
function readSuffix(after: string): Pick<Version, 'channel' | 'rest' | 'suffix'> {
  if (stage.test(after)) return stageOf(after)
  const [first = '', ...others] = after.split('.')
  const counted = others.length > 0 && /^[0-9]/.test(others[0] as string)
  const branch = /^[A-Za-z]/.test(first) && !/^[A-Za-z]+[0-9]+$/.test(first) && !flavour.test(first)
  if (counted && branch) return { channel: first.toLowerCase(), rest: others.map(identifier), suffix: '' }
  const leading = /^([A-Za-z]+)\./.exec(after)?.[1]
  if (leading && stage.test(leading))
    return { channel: leading.toLowerCase(), rest: others.map(identifier), suffix: '' }
  return { channel: '', rest: [], suffix: after }
}

function stageOf(text: string): Pick<Version, 'channel' | 'rest' | 'suffix'> {
  const [, word = '', counter = '', suffix = ''] = stage.exec(text) ?? []
  return { channel: word.toLowerCase(), rest: counter === '' ? [] : counter.split('.').map(identifier), suffix }
}

const identifier = (text: string): string | number => (/^[0-9]{1,15}$/.test(text) ? Number(text) : text)

/** Negative when a is older. Only meaningful for versions of one precision and suffix; semver's order otherwise. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 4; i += 1) {
    // A hot-fix stands above its release, also the one numbered 0.
    const difference = (a.numbers[i] ?? -1) - (b.numbers[i] ?? -1)
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
