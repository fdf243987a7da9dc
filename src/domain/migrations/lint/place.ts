export type PlaceOf = (offset: number) => { line: number; column: number }

/** Lines and columns, from 1, of byte offsets; columns count UTF-16 units, as editors do. */
export function placesIn(text: string): PlaceOf {
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  const starts = [0]
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: decoder.decode(bytes.subarray(starts[low], offset)).length + 1 }
  }
}

/** A stretch of the text on one line, for people. */
export function excerptsOf(text: string): (start: number, end: number) => string {
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  return (start, end) => decoder.decode(bytes.subarray(start, end)).replace(/\s+/g, ' ').trim()
}
