/** Whether a hub of this environment is one that people depend on: everything that begins with prod. */
export const isProductionName = (environment: string): boolean => /^prod/i.test(environment.trim())
