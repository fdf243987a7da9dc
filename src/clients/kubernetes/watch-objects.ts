import { matches, type Selector } from './selector'
import type { ObjectMeta } from './wire'

export interface KubernetesObject {
  metadata?: ObjectMeta
}

/** What changed; what it was before belongs to it, because a label may have gone. */
export interface Change {
  before?: KubernetesObject
  after?: KubernetesObject
}

/** The objects of one collection, by name and by each of their labels, so that a look costs what it finds. */
export class WatchedObjects {
  private readonly byName = new Map<string, KubernetesObject>()
  private readonly byLabel = new Map<string, Set<string>>()

  get(name: string): KubernetesObject | undefined {
    return this.byName.get(name)
  }

  select(selector: Selector): KubernetesObject[] {
    const found = this.candidates(selector).map((name) => this.byName.get(name))
    return found.filter((each) => each !== undefined).filter((each) => matches(selector, each.metadata?.labels))
  }

  /** Undefined where this version is known already. */
  put(object: KubernetesObject): Change | undefined {
    const name = nameOf(object)
    const before = this.byName.get(name)
    if (before?.metadata?.resourceVersion === object.metadata?.resourceVersion && before) return undefined
    this.forget(before)
    const after = withoutFieldOwners(object)
    this.byName.set(name, after)
    for (const label of labelsOf(after)) {
      const names = this.byLabel.get(label)
      if (names) names.add(name)
      else this.byLabel.set(label, new Set([name]))
    }
    return { before, after }
  }

  remove(name: string): Change | undefined {
    const before = this.byName.get(name)
    this.forget(before)
    return before && { before }
  }

  /** Makes these all there are. */
  replace(objects: KubernetesObject[]): Change[] {
    const names = new Set(objects.map(nameOf))
    const gone = [...this.byName.keys()].filter((name) => !names.has(name)).map((name) => this.remove(name))
    return [...gone, ...objects.map((each) => this.put(each))].filter((change) => change !== undefined)
  }

  private candidates(selector: Selector): string[] {
    const one = selector.find(({ values, wanted }) => wanted && values?.length === 1)
    if (!one) return [...this.byName.keys()]
    return [...(this.byLabel.get(labelOf(one.key, one.values?.[0] ?? '')) ?? [])]
  }

  private forget(object: KubernetesObject | undefined): void {
    if (!object) return
    const name = nameOf(object)
    this.byName.delete(name)
    for (const label of labelsOf(object)) {
      const names = this.byLabel.get(label)
      names?.delete(name)
      if (names?.size === 0) this.byLabel.delete(label)
    }
  }
}

export const nameOf = ({ metadata }: KubernetesObject): string => metadata?.name ?? ''

const labelOf = (key: string, value: string): string => `${key}=${value}`
const labelsOf = ({ metadata }: KubernetesObject): string[] =>
  Object.entries(metadata?.labels ?? {}).map(([key, value]) => labelOf(key, value))

/** Who set which field is the largest part of many objects, and no verdict asks for it. */
function withoutFieldOwners(object: KubernetesObject): KubernetesObject {
  if (object.metadata) delete object.metadata.managedFields
  return object
}
