/** What a hint needs of the store and of Temporal. */
export interface HintParts {
  store: {
    repositories: {
      /** the next scan reads these anew, whatever else it would leave out */
      hint(repositories: string[]): Promise<void>
    }
  }
  temporal: {
    /** asks for a scan of these; returns once it is asked for */
    scanRepositories(repositories: string[]): Promise<void>
  }
}

/**
 * Somebody says that these repositories have changed: they are marked, so that no scan passes them over, and a scan is
 * asked for now. Only names that Refit knows from its own scans may get here. Without Temporal the mark stays.
 */
export async function hintRepositories({ store, temporal }: HintParts, repositories: string[]): Promise<void> {
  if (repositories.length === 0) return
  await store.repositories.hint(repositories)
  await temporal.scanRepositories(repositories)
}
