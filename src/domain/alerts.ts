/** What Refit tells people, as texts and levels: pure. Which targets get it is config's business, the sending clients/deliver's. */
export { type Alert, type AlertLevel, type AlertRoute, plainText, routesOf, targetsOf } from './alert'
export { flowsAlert, outboxTopic, stuckAfterMs, stuckAlert, testAlert } from './outbox-alerts'
export { scanAlerts, type ScanNews } from './scan-alerts'
export { dataAlert } from './data-alerts'
export { resolvedAlert, upgradeAlert, type UpgradeNews } from './upgrade-alerts'
