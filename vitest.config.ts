import { defineConfig } from 'vitest/config'

// The simulations are most of the time, each is one file: they run side by side where there are two cores.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
    testTimeout: 60_000,
    maxWorkers: '100%'
  }
})
