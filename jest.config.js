const typescript = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
  module: { type: 'commonjs' },
}

const project = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/support/timeout.js'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', ...testPathIgnorePatterns],
  transform: { '^.+\\.(t|j)sx?$': ['@swc/jest', typescript] },
  // These are ES modules, or import some, which Jest can't require as they are.
  transformIgnorePatterns: [
    '/node_modules/(?!(@kubernetes/client-node|@fastify/cookie|openid-client|oauth4webapi|jose|content-disposition|temporal-polyfill|temporal-utils)/)',
  ],
})

/** `unit` needs nothing; `real` starts real servers and a simulated cluster; `node` needs the real node, so run it with --runInBand. */
module.exports = {
  // Tests mostly wait for servers: one core is not kept free, as Jest would.
  maxWorkers: '100%',
  // The native Temporal runtime keeps a handle open after its last worker has stopped.
  forceExit: true,
  reporters: ['default', '<rootDir>/test/support/plain-reporter.js'],
  projects: [
    project('unit', ['<rootDir>/test/**/*.test.ts'], ['\\.real\\.test\\.ts$', '\\.node\\.test\\.ts$']),
    project('real', ['<rootDir>/test/**/*.real.test.ts']),
    project('node', ['<rootDir>/test/**/*.node.test.ts']),
  ],
}
