/** refit.yaml as it was read, whatever its shape. */
export type Tree = Record<string, unknown>

/** An object as it is, anything else as an empty one. */
export const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}

/** The objects of a list under this key; none where there is no list. */
export function items(tree: unknown, key: string): Tree[] {
  const list = treeOf(tree)[key]
  return Array.isArray(list) ? list.map(treeOf) : []
}

/** The texts of a list under this key. */
export function texts(tree: unknown, key: string): string[] {
  const list = treeOf(tree)[key]
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
}
