/** The workflow bundle's entry: workflow functions only. */
export { data } from './data'
export { scan } from './scan'
export { upgrade } from './upgrade'
