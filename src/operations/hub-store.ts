/** Types of the store and of the settings for whoever serves operations. */
export type { Store as HubStore } from '../store/contracts'
export type { Settings } from '../config'
