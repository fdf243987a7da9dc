/** One requirement of a label selector. Without values: whether the label is there at all. */
interface Requirement {
  key: string
  values: string[] | undefined
  /** whether a match is wanted or forbidden */
  wanted: boolean
}

export type Selector = Requirement[]

const pattern =
  /\s*(?:(!)\s*([^\s=!,()]+)|([^\s=!,()]+)\s*(?:(==?|!=)\s*([^\s,()]*)|(in|notin)\s*\(([^()]*)\))?)\s*(?:,|$)/y

/** A selector as the API server takes it: `a=b,c in (d,e),f,!g`. Undefined for text that is none. */
export function parseSelector(text: string): Selector | undefined {
  const found: Selector = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) return undefined
    const [, , absent, key = '', sign, value = '', word, list = ''] = match
    if (absent !== undefined) found.push({ key: absent, values: undefined, wanted: false })
    else if (sign) found.push({ key, values: [value], wanted: sign !== '!=' })
    else if (word) found.push({ key, values: list.split(',').map((each) => each.trim()), wanted: word === 'in' })
    else found.push({ key, values: undefined, wanted: true })
  }
  return found
}

/** As the API server does it: what has no such label differs from every value. */
export function matches(selector: Selector, labels: Record<string, string> = {}): boolean {
  return selector.every(({ key, values, wanted }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    const holds = value !== undefined && (values === undefined || values.includes(value))
    return holds === wanted
  })
}
