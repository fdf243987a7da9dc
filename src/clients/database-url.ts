/** Whether it leads to MySQL or MariaDB; else it is PostgreSQL's. */
export const isMysql = (url: string): boolean => /^(?:mysql|mariadb):/i.test(url)

/** The URL in the variable of this name; undefined where it is empty. */
export const urlIn = (
  environment: Readonly<Record<string, string | undefined>>,
  name: string | undefined,
): string | undefined => (name === undefined ? undefined : environment[name]?.trim() || undefined)
