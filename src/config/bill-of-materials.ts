import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import type { BillOfMaterials } from '../domain/bill-of-materials'
import { isTag } from '../domain/tag'

const tag = z.string({ error: 'must be a tag' }).refine(isTag, { error: 'must be a tag, such as v19.8.3' })
const image = z
  .string()
  .regex(/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/, { error: 'must be an image without registry and tag, such as hub/ledger' })
const release = z
  .string()
  .regex(/^\d{1,9}\.(?:\d{1,9}|x)(?:\.(?:\d{1,9}|x))?$/, { error: 'must be a release, such as 17.1 or 17.1.0' })

const schema = z.strictObject({
  product: z
    .string({ error: 'must be the name of the product' })
    .trim()
    .min(1, { error: 'must be the name of the product' }),
  releases: z
    .record(release, z.record(image, tag, { error: 'must map images to tags' }), {
      error: 'must map releases to images',
    })
    .refine((releases) => Object.keys(releases).length > 0, { error: 'must have at least one release' }),
})

type Read =
  | { kind: 'good'; billOfMaterials: BillOfMaterials }
  | { kind: 'bad'; file: string; /** one per problem, with its path */ problems: string[] }

/** Reads and checks a bill of materials, YAML or JSON. Every problem is named at once; nothing is thrown. */
export function readBillOfMaterials(file: string): Read {
  const bad = (...problems: string[]): Read => ({ kind: 'bad', file, problems })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return bad(`can't be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'}); billOfMaterials names it`)
  }
  const document = parseDocument(text, { prettyErrors: true })
  if (document.errors.length > 0) return bad(...document.errors.map(({ message }) => message.split('\n')[0] ?? ''))
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (parsed.success) return { kind: 'good', billOfMaterials: parsed.data }
  return bad(...parsed.error.issues.flatMap(problemsOf))
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join(' ') || 'the file'
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${key} is not a known key; known are product and releases`)
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [`${path} ${message}`]
}
