import { type Document, isAlias, isMap, isNode, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml'
import type { WorkloadKind } from '../domain/service'

/** Whose image is looked for. */
export interface ImageOwner {
  kind: WorkloadKind
  name: string
  namespace: string
  /** with the registry host, as it stands in images */
  repository: string
  /** keys to a value, where the file is neither manifest nor kustomization */
  path?: string[] | undefined
}

export interface Splice {
  from: number
  to: number
  text: string
}

/** Where an image stands in a text, and how another gets there. */
export interface Site {
  /** as it is applied */
  image: string
  write: (image: string) => Splice[]
}

export type Found = Site | { problem: string }

interface ContainerName {
  name: string
  init: boolean
}

/** Finds the image of one container in the documents of a YAML (or JSON) text. */
export function siteOf(documents: Document[], owner: ImageOwner, container: ContainerName): Found {
  if (owner.path !== undefined) return inValues(documents, owner, owner.path)
  const lists = documents.map(imagesOf).filter((list) => list !== undefined)
  return lists.length > 0 ? inKustomization(lists, owner) : inManifest(documents, owner, container)
}

/** Kustomize's own file, and Flux's object of the same name. */
function imagesOf(document: Document): unknown {
  const given = document.get('apiVersion')
  const version = typeof given === 'string' ? given : ''
  if (version.startsWith('kustomize.toolkit.fluxcd.io/')) return document.getIn(['spec', 'images']) ?? []
  if (version.startsWith('kustomize.config.k8s.io/')) return document.get('images') ?? []
  const isBare = version === '' && document.has('images') && !document.has('kind')
  return isBare ? document.get('images') : undefined
}

function inKustomization(lists: unknown[], { repository }: ImageOwner): Found {
  const entries = lists.flatMap((list) => (isSeq(list) ? list.items : [])).filter((each) => isMap(each))
  const [entry, other] = entries.filter((each) => (each.get('newName') ?? each.get('name')) === repository)
  if (!entry) return { problem: `has no entry under images whose name or newName is ${repository}` }
  if (other) return { problem: `has two entries under images for ${repository}` }
  return tagSite(entry, 'newTag', repository)
}

/** A tag beside which a digest may stand. Where none stands it is written behind the tag, so that no line comes or goes. */
function tagSite(map: YAMLMap, key: string, repository: string): Found {
  const tag = textAt(map.get(key, true), key)
  if ('problem' in tag) return tag
  const beside = map.has('digest') ? textAt(map.get('digest', true), 'digest') : undefined
  if (beside && 'problem' in beside) return beside
  if (!beside) return { image: `${repository}:${tag.value}`, write: (image) => [tag.splice(behind(image, repository))] }
  return {
    image: `${repository}:${tag.value}@${beside.value}`,
    write(image) {
      const [name = '', digest = ''] = behind(image, repository).split('@')
      return [tag.splice(name), beside.splice(digest)]
    },
  }
}

/** Tag and digest of an image. */
const behind = (image: string, repository: string): string => image.slice(repository.length + 1)

function inValues(documents: Document[], { repository }: ImageOwner, keys: string[]): Found {
  const path = keys.join('.')
  const [document, other] = documents.filter((each) => each.hasIn(keys))
  if (!document) return { problem: `has no value at ${path}` }
  if (other) return { problem: `has ${path} in two documents` }
  const value = textAt(document.getIn(keys, true), path)
  if ('problem' in value) return value
  if (value.value.startsWith(`${repository}:`)) return { image: value.value, write: (image) => [value.splice(image)] }
  if (value.value.includes('/')) return { problem: `has another image at ${path}: ${value.value}` }
  const digest = document.getIn([...keys.slice(0, -1), 'digest'])
  if (typeof digest === 'string' && digest !== '')
    return { problem: `has a digest beside ${path}, which a chart prefers to the tag: empty it` }
  return { image: `${repository}:${value.value}`, write: (image) => [value.splice(behind(image, repository))] }
}

function inManifest(documents: Document[], { kind, name, namespace }: ImageOwner, container: ContainerName): Found {
  const objects = documents.flatMap(({ contents }) => objectsIn(contents))
  const [object, other] = objects.filter((each) => {
    const inNamespace = each.getIn(['metadata', 'namespace']) ?? namespace
    return each.get('kind') === kind && each.getIn(['metadata', 'name']) === name && inNamespace === namespace
  })
  if (!object) return { problem: `has no ${kind} ${name}` }
  if (other) return { problem: `has two ${kind}s ${name}` }
  const pod = [...(kind === 'CronJob' ? ['spec', 'jobTemplate'] : []), 'spec', 'template', 'spec']
  const list = object.getIn([...pod, container.init ? 'initContainers' : 'containers'])
  const found = (isSeq(list) ? list.items : []).find((each) => isMap(each) && each.get('name') === container.name)
  if (!isMap(found)) return { problem: `has no container ${container.name} in ${kind} ${name}` }
  const image = textAt(found.get('image', true), `image of ${container.name} in ${kind} ${name}`)
  return 'problem' in image ? image : { image: image.value, write: (text) => [image.splice(text)] }
}

/** The objects of a document: itself, or what a List holds. */
function objectsIn(contents: unknown): YAMLMap[] {
  if (!isMap(contents)) return []
  const items = contents.get('kind') === 'List' ? contents.get('items') : undefined
  return isSeq(items) ? items.items.filter((each) => isMap(each)) : [contents]
}

/** A text on one line that stands there itself; its quotes stay. */
function textAt(
  node: unknown,
  where: string,
): { value: string; splice: (text: string) => Splice } | { problem: string } {
  if (isAlias(node)) return { problem: `has an alias as ${where}: write the text itself` }
  if (!isNode(node) || !isScalar(node)) return { problem: `has no text as ${where}` }
  const { value, range, type } = node
  if (typeof value !== 'string') return { problem: `has no text as ${where}: put it into quotes` }
  const quoted = { [Scalar.PLAIN]: plain, [Scalar.QUOTE_DOUBLE]: JSON.stringify, [Scalar.QUOTE_SINGLE]: single }
  const quote = quoted[type as keyof typeof quoted]
  if (!range || !quote) return { problem: `has a text of several lines as ${where}` }
  return { value, splice: (text) => ({ from: range[0], to: range[1], text: quote(text) }) }
}

/** Tags such as 1.10 are numbers without quotes. */
const plain = (text: string): string => (/^[\d.+_-]+(e\d+)?$/i.test(text) ? JSON.stringify(text) : text)
const single = (text: string): string => `'${text}'`
