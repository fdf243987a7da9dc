import { type Document, parseAllDocuments } from 'yaml'
import { RefitError } from '../domain/errors'
import type { ImageChange } from './contracts'
import { type ImageOwner, siteOf, type Splice } from './image-sites'

interface ContainerName {
  name: string
  init: boolean
}

/** The image of a container as the file has it, or what is in the way. `file` is its name in that. */
export function imageIn(
  text: string,
  file: string,
  owner: ImageOwner,
  container: ContainerName,
): { image: string } | { problem: string } {
  const documents = documentsOf(text)
  const found = 'problem' in documents ? documents : siteOf(documents.documents, owner, container)
  return 'problem' in found ? { problem: `${file} ${found.problem}` } : { image: found.image }
}

/**
 * The text with these images and otherwise as it was, to the byte: comments, order, quotes and line ends stay. An image
 * that is neither `from` nor `to`, or that can't be found, throws GIT_CONFLICT.
 */
export function withImages(text: string, file: string, owner: ImageOwner, changes: ImageChange[]): string {
  const parsed = documentsOf(text)
  if ('problem' in parsed) throw conflict(`${file} ${parsed.problem}.`)
  const splices = new Map<number, Splice>()
  for (const change of changes) {
    const site = siteOf(parsed.documents, owner, change)
    if ('problem' in site) throw conflict(`${file} ${site.problem}.`)
    if (site.image === change.to) continue
    if (site.image !== change.from)
      throw conflict(
        `Somebody changed ${file}: ${change.name} of ${owner.name} has ${site.image} there, expected ${change.from}.`,
      )
    // Several containers may share one value, and then have the same new image.
    for (const splice of site.write(change.to)) splices.set(splice.from, splice)
  }
  const edited = spliced(text, [...splices.values()])
  for (const change of changes) {
    const now = imageIn(edited, file, owner, change)
    if (!('image' in now) || now.image !== change.to)
      throw conflict(`${file} can't give ${change.name} of ${owner.name} the image ${change.to}.`)
  }
  return edited
}

function documentsOf(text: string): { documents: Document[] } | { problem: string } {
  const documents = parseAllDocuments(text, { prettyErrors: false })
  const error = documents.flatMap(({ errors }) => errors)[0]
  return error ? { problem: `is no YAML (${error.message})` } : { documents: [...documents] as Document[] }
}

/** From the end, so that positions stay true. */
const spliced = (text: string, splices: Splice[]): string =>
  splices
    .sort((a, b) => b.from - a.from)
    .reduce((now, { from, to, text: put }) => `${now.slice(0, from)}${put}${now.slice(to)}`, text)

const conflict = (message: string): RefitError =>
  new RefitError('GIT_CONFLICT', message, 'Nothing was committed; refit plan SERVICE shows what would be.')
