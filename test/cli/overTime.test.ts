import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { here } from '../hostile/here.ts'
import { textOf } from '../simulate/estateText.ts'
import { applied, type Disk, type Machine, machineOn } from '../simulate/run.ts'
import { exampleFiles, sceneNamed } from '../simulate/scenes.ts'

const scene = await sceneNamed('locked')
const before = textOf(scene.begin.resources)
const dayMs = 24 * 3_600_000

/** Azure is at whatever is in flight for a day more. */
const stretched = (state: SandboxState): SandboxState => ({
  ...state,
  operations: state.operations.map(one => (one.status === 'InProgress' ? { ...one, dueAt: one.dueAt + dayMs } : one)),
  pending: state.pending.map(one => (one.effect === 'operation' ? { ...one, dueAt: one.dueAt + dayMs } : one))
})

/** A run of an apply, in which the private endpoint takes a day. @param seen told what there is when that begins */
async function endpointForADay(seen: (state: SandboxState, disk: Disk) => void = () => undefined) {
  const on: Machine = machineOn(scene, {
    watch: {
      before: () => undefined,
      after: ({ method, url }) => {
        if (method !== 'PUT' || !/\/privateEndpoints\/[^/?]+\?/.test(url)) return
        void on.sandbox.reset({ state: stretched(on.sandbox.exportState()) })
        seen(on.sandbox.exportState(), on.disk())
      }
    }
  })
  try {
    const ran = await applied(on)
    return { ...ran, ...textOf(on.sandbox.exportState().resources) }
  } finally {
    on.remove()
  }
}

// A lock that would make fail what is in flight waits for it at most until that operation's own limit, which is an hour for an endpoint.
test('apply restores its locks over a step that is past its limit, says so, and ends with 8', async () => {
  const { code, text, locks, markers } = await endpointForADay()
  // It is given a quarter of an hour once its own hour is over.
  expect(text).toMatch(/lock frozen: Restored after 15m\d+s \(Azure was still at \S+\/vault-pg-pe, which may fail because of it\)/)
  expect(code).toBe(8)
  expect([locks, markers]).toEqual([before.locks, []])
})

test('locks restore restores what a dead run left off over what Azure is still at, past its limit, says so, and ends with 8', async () => {
  const left: { state?: SandboxState; disk?: Disk } = {}
  await endpointForADay((state, disk) => Object.assign(left, { state, disk }))
  const line = here({ ...exampleFiles('locked'), 'state.json': JSON.stringify(left.state) })
  for (const [name, bytes] of left.disk ?? []) line.write(join('.pglink', name), bytes)
  const flags = 'topology.yaml --sandbox --sandbox-state state.json --env-file .env.example'.split(' ')
  const { code, stdout } = await line.pglink(['locks', 'restore', ...flags])
  expect(stdout).toMatch(
    /^ReadOnly lock frozen on servers\/vault-pg: restored\n {2}Warning: Azure is still at \S+\/vault-pg-pe after as long as that may take/m
  )
  expect(code).toBe(8)
  const listed = await line.pglink(['locks', 'list', ...flags])
  expect(listed.code).toBe(0)
  expect(listed.stdout.match(/ on( |$)/gm)).toHaveLength(before.locks.length)
})
