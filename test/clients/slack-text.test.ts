import fc from 'fast-check'
import { bounded, sections } from '../../src/clients/slack-text'

const textsOf = (text: string): string[] =>
  (sections(text) as { text: { text: string } }[]).map((each) => each.text.text)
const word = fc.oneof(
  fc.constantFrom('```', '&amp;', '&lt;', '', '😀', 'refit status hub/ledger', '• *hub/a* v1 → v2'),
  fc.string({ maxLength: 20 }).map((text) => text.replace(/[\n`&]/g, '')),
  fc.integer({ min: 1, max: 4_000 }).map((length) => 'x&gt;'.repeat(length)),
)
const text = fc.array(word, { maxLength: 60 }).map((lines) => lines.join('\n'))

test('sections keep within the limits of Slack, code blocks are closed, and no entity is torn', () => {
  fc.assert(
    fc.property(text, (given) => {
      const all = textsOf(given)
      expect(all.length).toBeLessThanOrEqual(12)
      for (const each of all) {
        expect(each.length).toBeLessThanOrEqual(3_000)
        expect(each.split('\n').filter((line) => line === '```').length % 2).toBe(0)
        expect(each).not.toMatch(/&(?!amp;|lt;|gt;)|[\ud800-\udbff](?![\udc00-\udfff])/)
      }
    }),
    { numRuns: 300 },
  )
})

test('what fits stays as it is', () => {
  expect(textsOf('```\na\n```\nb')).toEqual(['```\na\n```\nb'])
  expect(bounded('a\nb')).toBe('a\nb')
  expect(bounded('a'.repeat(50), 20).length).toBeLessThanOrEqual(20)
})

test('a long code block goes on in the next section', () => {
  const all = textsOf(`\`\`\`\n${'x'.repeat(100).concat('\n').repeat(50)}\`\`\`\nend`)
  expect(all).toHaveLength(2)
  expect(all[0]).toMatch(/^```\nx+\n[^]*x\n```$/)
  expect(all[1]).toMatch(/^```\nx+\n[^]*x\n```\nend$/)
})
