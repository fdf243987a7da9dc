import { isProductionName } from '../../../src/domain/environment'

/** The class by which production looks different. */
export const environmentClass = (environment: string): string =>
  isProductionName(environment) ? 'env-production' : 'env-other'
