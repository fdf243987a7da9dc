export { helpersHash, listMigrationFiles } from './migrations/list-files'
export { runMigrations } from './migrations/run-migrations'
