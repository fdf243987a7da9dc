export { lint } from './migrations-lint'
export { run as rehearse } from './migrations-rehearse'
