import type { BuiltRelease, Feature } from '../../releases'

/** Replaced by the bundler, so that each release is an image of its own. */
declare const __RELEASE__: BuiltRelease

export const release: BuiltRelease = __RELEASE__

/** Whether this version's code has the feature. */
export const has = (feature: Feature): boolean => release.features.includes(feature)
