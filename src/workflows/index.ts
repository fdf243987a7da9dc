/** The workflow bundle's entry: workflow functions only. */
export { data } from './data'
export { digest } from './digest'
export { hints } from './hints'
export { release } from './release'
export { scan } from './scan'
export { upgrade } from './upgrade'
