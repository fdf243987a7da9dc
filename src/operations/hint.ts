/** What a hint needs of Temporal. */
export interface HintParts {
  temporal: {
    /** asks for a scan of these; returns once it is asked for */
    scanRepositories(repositories: string[]): Promise<void>
  }
}

/**
 * Somebody says that these repositories have changed, so a scan of them is asked for. Temporal keeps the request until a
 * worker is up. Only names that Refit knows from its own scans may get here.
 */
export async function hintRepositories({ temporal }: HintParts, repositories: string[]): Promise<void> {
  if (repositories.length > 0) await temporal.scanRepositories(repositories)
}
