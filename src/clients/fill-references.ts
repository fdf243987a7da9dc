/** A reference to a variable that is not set. */
export class MissingVariable extends Error {
  constructor(readonly variable: string) {
    super(`${variable} is not set`)
  }
}

/**
 * `${NAME}` of a text of refit.yaml that stayed a reference, filled when it is used, so that plans hold the name alone;
 * `$${NAME}` stands for a literal `${NAME}`. Throws MissingVariable.
 */
export function fillReferences(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$(\$?)\{([^}]*)\}/g, (whole, escaped: string, name: string) => {
    if (escaped) return whole.slice(1)
    const found = environment[name]
    if (!found) throw new MissingVariable(name)
    return found
  })
}
