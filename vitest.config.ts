import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { inBoth, inRestAlone } from './test/support/parts.ts'
import { Results } from './test/support/results.mjs'

const long = /\/test\/(simulate\/|situations\/|converge|cases)/

/** The long files begin first, so that no core waits for one of them in the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(({ moduleId }) => long.test(moduleId)), ...sorted.filter(({ moduleId }) => !long.test(moduleId))]
  }
}

// `npm test` is `--mode quick` and `npm run test:rest` is `--mode rest`; without a mode, any file can be named.
export default defineConfig(({ mode }) => ({
  test: {
    include:
      mode === 'rest'
        ? [...Object.keys(inRestAlone), ...inBoth.map(path => (path.endsWith('/') ? `${path}*.test.ts` : path))]
        : ['test/**/*.test.ts'],
    exclude: mode === 'quick' ? Object.keys(inRestAlone) : [],
    env: { PGLINK_TESTS: mode },
    globalSetup: ['test/support/globalSetup.ts'],
    setupFiles: ['test/support/processes.ts'],
    // Processes share the cores with the test that waits for them.
    testTimeout: mode === 'rest' ? 180_000 : 60_000,
    hookTimeout: 60_000,
    // Part of the tests wait for a clock or a socket: with one worker a core, a third of each core is idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // The modules of all of pglink and of Azure's clients are loaded once a worker, and not once a file.
    isolate: false,
    sequence: { sequencer: LongFirst },
    reporters: [process.env['GITHUB_ACTIONS'] ? ['default', 'github-actions'] : 'default', new Results(mode)].flat()
  }
}))
