/** What Refit tells people, as texts and levels: pure. Which targets get it is config's business, the sending clients/deliver's. */
export type { Alert, AlertLevel } from './alert'
export { scanAlerts, type ScanNews } from './scan-alerts'
export { dataAlert, upgradeAlert, type UpgradeNews } from './upgrade-alerts'
