/*
 * The tests have two parts. `npm test` (`vitest --mode quick`) runs every file but those of `inRestAlone`: a command, or a step of the action,
 * runs in the test's own process, and a simulation has a small share of its runs. `npm run test:rest` (`--mode rest`) runs those files, and
 * the ones of `inBoth` again: each command in a process of its own from `dist/`, each simulation with its usual number of runs.
 */

/** The test files that `npm test` leaves out, with why. */
export const inRestAlone: Readonly<Record<string, string>> = {
  'test/action/cancel.test.ts': 'a job is cancelled and killed in the time that the runner takes',
  'test/action/login.test.ts': 'tokens run out in the time that a served sandbox takes',
  'test/action/forkBase.test.ts': 'Git reads the base of more forks',
  'test/action/deadRun.test.ts': 'a step is killed',
  'test/cli/alone.test.ts': 'two processes at once',
  'test/cli/crash.test.ts': 'Node loads what breaks before the command line',
  'test/cli/dataPlane.test.ts': 'sandboxes with PostgreSQL behind them, in processes of their own',
  'test/cli/driftWho.test.ts': 'writes of other logins on a sandbox that is served',
  'test/cli/dutyLocks.test.ts': 'five runs on a served sandbox, in the time that Azure takes',
  'test/cli/decisionRaces.test.ts': 'a sandbox that is served, and two decisions on it',
  'test/cli/fullDisk.test.ts': 'Node loads a full disk before the command line',
  'test/cli/interruptJobs.test.ts': 'jobs are cancelled in the time that the runner takes',
  'test/cli/interrupts.test.ts': 'signals to a process, in the time that Azure takes',
  'test/cli/lockIdentity.test.ts': 'two logins on a sandbox that is served, in the time that Azure takes',
  'test/cli/loading.test.ts': 'modules of the bundle that a process loads',
  'test/cli/manyFiles.test.ts': 'several topologies at once, each read and planned anew',
  'test/cli/pty.test.ts': 'a process on a terminal',
  'test/cli/sandbox.test.ts': 'sandboxes that are served by processes of their own',
  'test/cli/sandboxEnv.test.ts': 'sandboxes that are served, and shells that read their lines',
  'test/editor/editor.test.ts': 'a language server in a process of its own',
  'test/devops/pipelinesRun.test.ts': 'bash runs the scripts of the pipelines, with processes of their own',
  'test/examples/threeDuties.test.ts': 'eight applies of three logins on a sandbox that is served',
  'test/examples/served.test.ts': 'a sandbox and commands in processes of their own',
  'test/hostile/commits.test.ts': 'Git is asked for more commits, and for what is none',
  'test/compiled.test.ts': 'processes that start again, and what Node keeps for them',
  'test/hostile/bombs.test.ts': 'files that are as long as may be, and the time that each takes',
  'test/import/large.test.ts': 'an estate of 60 servers',
  'test/library.test.ts': 'programs that import the bundle',
  'test/libraryTypes.test.ts': 'the compiler checks a program against the types that are built',
  'test/docs.test.ts': 'the commands of the documentation, as a shell runs them',
  'test/live/fleet.test.ts': 'estates of many servers',
  'test/package.test.ts': 'the package as npm packs it, with the types of the library, which are built there',
  'test/report/htmlBrowser.test.ts': 'a browser opens the reports',
  'test/sandbox/state.test.ts': 'a served sandbox is killed, again and again',
  'test/topology/copies.test.ts': 'files of a thousand copies',
  'test/simulate/killProcess.test.ts': 'a process is killed at each of its requests'
}

/** The folders and test files that run in both parts, as they do more in the second: each that comes upon what is below. */
export const inBoth: readonly string[] = [
  'test/action/',
  'test/approvals/',
  'test/cli/',
  'test/devops/',
  'test/examples/',
  'test/import/',
  'test/simulate/',
  'test/verify/',
  'test/model/shell.test.ts',
  'test/locks/lowered.test.ts',
  'test/locks/lostDisk.test.ts',
  'test/locks/recover.test.ts',
  'test/cases.test.ts',
  'test/converge.test.ts',
  'test/examples.test.ts',
  'test/report/comment.test.ts',
  'test/hostile/git.test.ts',
  'test/hostile/proxy.test.ts',
  'test/laws/compared.test.ts',
  'test/drift/compare.test.ts',
  'test/plan/duties.test.ts',
  'test/plan/selection.test.ts',
  'test/process.test.ts',
  'test/report/mermaid.test.ts',
  'test/situations/situations.test.ts',
  'test/drift/accept.test.ts',
  'test/topology/format.test.ts',
  'test/topology/robust.test.ts'
]

const mode = process.env['PGLINK_TESTS']

/** Whether this is `npm test`. */
export const isQuick = mode === 'quick'

/** Whether each command, and each step of the action, runs as a process of its own from `dist/`. */
export const inProcesses = mode === 'rest'

/**
 * How often a simulation runs: its usual number, or its small share in `npm test`. RUNS gives another number for both, and SEED another
 * seed: `RUNS=2000 SEED=7 npx vitest run test/converge.test.ts`.
 */
export const runs = (usual: number, share: number): number => Number(process.env['RUNS'] ?? (isQuick ? share : usual))

/** The rows of a table: in `npm test` every `nth` of them, in the rest the others, so that a row is tried once, and without a mode all. */
export const shared = <T>(rows: readonly T[], nth: number): readonly T[] =>
  rows.filter((_, index) => isQuick === (index % nth === 0) || (!isQuick && !inProcesses))

export const seed = Number(process.env['SEED'] ?? 20261122)
