/** One statement that a client sent to PostgreSQL. */
export interface SentStatement {
  sql: string
  /** undefined for the simple protocol, which may carry several statements at once */
  values?: (string | Buffer | null)[]
}

/**
 * Reads what a client sends in PostgreSQL's protocol, version 3, and tells its statements as they are run: both the
 * simple and the extended protocol. Feed it all that comes after the start-up message.
 */
export class FrontendMessages {
  private rest: Buffer = Buffer.alloc(0)
  private readonly prepared = new Map<string, string>()
  private readonly bound = new Map<string, SentStatement>()

  constructor(private readonly told: (statement: SentStatement) => void) {}

  feed(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    while (this.rest.length >= 5) {
      const end = 1 + this.rest.readInt32BE(1)
      if (this.rest.length < end) return
      this.message(String.fromCharCode(this.rest[0] ?? 0), new Reader(this.rest.subarray(5, end)))
      this.rest = this.rest.subarray(end)
    }
  }

  private message(type: string, body: Reader): void {
    if (type === 'Q') this.told({ sql: body.text() })
    else if (type === 'P') this.prepared.set(body.text(), body.text())
    else if (type === 'B') this.bind(body)
    else if (type === 'E') this.execute(body.text())
  }

  private bind(body: Reader): void {
    const portal = body.text()
    const sql = this.prepared.get(body.text()) ?? ''
    const formats = body.list(() => body.int16())
    const isBinary = (index: number): boolean => (formats.length === 1 ? formats[0] : formats[index]) === 1
    let index = 0
    const values = body.list(() => {
      const bytes = body.bytes()
      const binary = isBinary(index++)
      return bytes === null || binary ? bytes : bytes.toString('utf8')
    })
    this.bound.set(portal, { sql, values })
  }

  private execute(portal: string): void {
    const statement = this.bound.get(portal)
    if (statement && statement.sql.trim() !== '') this.told(statement)
  }
}

class Reader {
  private at = 0
  constructor(private readonly buffer: Buffer) {}

  text(): string {
    const end = this.buffer.indexOf(0, this.at)
    const text = this.buffer.toString('utf8', this.at, end)
    this.at = end + 1
    return text
  }

  int16(): number {
    this.at += 2
    return this.buffer.readInt16BE(this.at - 2)
  }

  /** Null is an own length. */
  bytes(): Buffer | null {
    const length = this.buffer.readInt32BE(this.at)
    this.at += 4
    if (length < 0) return null
    this.at += length
    return Buffer.from(this.buffer.subarray(this.at - length, this.at))
  }

  list<T>(each: () => T): T[] {
    return Array.from({ length: this.int16() }, each)
  }
}
