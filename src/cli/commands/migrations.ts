export { lint } from './migrations-lint'
