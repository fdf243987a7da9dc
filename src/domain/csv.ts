/**
 * One line of CSV (RFC 4180), with its line end. What a spreadsheet would take for a formula gets an apostrophe in front:
 * tags and messages are other people's words.
 */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`

function cell(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}
