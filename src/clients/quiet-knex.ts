const say = (): void => undefined

/** A log for knex: it prints statements with their values, and what is worth saying is said by the error. */
export const silent = { warn: say, error: say, deprecate: say, debug: say, inspectionDepth: 0, enableColors: false }
