/** An entry that leaves the root, or has no name: an image that was built to harm, or broken. */
export class BadEntry extends Error {}

/** What the name of a layer's entry means. */
export type LayerPath =
  | { kind: 'entry'; path: string }
  | { kind: 'removed'; path: string }
  | { kind: 'opaque'; path: string }
  /** the root itself, or the bookkeeping of a storage driver */
  | { kind: 'nothing' }

const maxName = 4_096
const whiteout = '.wh.'

/** Reads a name; absolute ones are taken from the image's root, as runtimes do. Throws BadEntry for one that has `..` in it. */
export function layerPath(name: string): LayerPath {
  const path = plainPath(name)
  const cut = path.lastIndexOf('/')
  const [folder, last] = [path.slice(0, Math.max(cut, 0)), path.slice(cut + 1)]
  if (last === '') return { kind: 'nothing' }
  if (!last.startsWith(whiteout)) return { kind: 'entry', path }
  if (last === '.wh..wh..opq') return { kind: 'opaque', path: folder }
  if (last.startsWith('.wh..wh.')) return { kind: 'nothing' }
  const hidden = last.slice(whiteout.length)
  if (['', '.', '..'].includes(hidden)) throw new BadEntry(`it removes ${shown(name)}`)
  return { kind: 'removed', path: folder === '' ? hidden : `${folder}/${hidden}` }
}

/** A path without `.` and empty parts. Throws BadEntry. */
export function plainPath(name: string): string {
  if (name.length > maxName || name.includes('\0')) throw new BadEntry('it has a name that is none')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new BadEntry(`it has an entry that leads out of the image: ${shown(name)}`)
  return parts.join('/')
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 80))
