import type { Config } from '../config'
import type { ReleaseRules } from '../domain/release'
import type { ReleaseRow } from '../store/contracts'

/** The rules that a release was planned with; of one that has no plan yet those of refit.yaml. */
export const releaseRules = (row: Pick<ReleaseRow, 'rules'>, { releases }: Pick<Config, 'releases'>): ReleaseRules =>
  row.rules ?? { approval: releases.approval, onFailure: releases.onFailure }
