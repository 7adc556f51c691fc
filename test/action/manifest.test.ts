import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commandNames, inputDefaults, inputsOf, readInputs } from '../../src/action/inputs.ts'
import { outputNames } from '../../src/action/step.ts'
import { manifest } from '../support/runner.ts'

const { inputs, outputs, runs } = manifest()

describe('action.yml and the code', () => {
  test('have the same inputs', () => expect(Object.keys(inputs).sort()).toEqual(Object.keys(inputDefaults).sort()))

  test('have the same defaults', () => {
    const declared = Object.entries(inputs).map(([name, { default: value = '' }]) => [name, name === 'github-token' ? '' : value])
    expect(Object.fromEntries(declared)).toEqual(inputDefaults)
  })

  test('have the same outputs', () => expect(Object.keys(outputs).sort()).toEqual([...outputNames].sort()))

  test('every input is looked at by a command', () => {
    const looked = new Set(commandNames.flatMap(inputsOf))
    expect(Object.keys(inputs).filter(name => !looked.has(name))).toEqual([])
    expect([...looked].filter(name => !(name in inputs))).toEqual([])
  })

  test('the runner starts files that the build makes', () => {
    const build = readFileSync('test/support/build.mjs', 'utf8')
    for (const file of [runs.main, runs.post]) {
      const name = /^dist\/(.+)\.js$/.exec(file)?.[1]
      expect(build).toContain(`'${name}'`)
      expect(existsSync(`src/${name}.ts`)).toBe(true)
    }
    expect(runs).toMatchObject({ using: 'node24', 'post-if': 'always()' })
  })
})

const given = (values: Readonly<Record<string, string>>) => readInputs(name => values[name] ?? '')

describe('inputs', () => {
  test('become flags', () => {
    const { flags } = given({
      command: 'plan',
      'allow-env': 'A, B\nC',
      'allow-delete': 'servers/a\n servers/b ',
      prune: 'true',
      'max-deletes': '2',
      'subscription-id': 's'
    })
    expect(flags).toMatchObject({
      allowEnv: ['A', 'B', 'C'],
      allowDelete: ['servers/a', 'servers/b'],
      prune: true,
      maxDeletes: 2,
      subscription: 's',
      sandbox: false
    })
  })

  test.each([
    [{ command: 'destroy' }, /command is one of validate, plan/],
    [{}, /command is one of/],
    [{ command: 'plan', prune: 'yes' }, /prune is true or false, not "yes"/],
    [{ command: 'plan', 'max-deletes': 'few' }, /max-deletes takes a whole number/],
    [{ command: 'validate', prune: 'true' }, /validate has no input prune/],
    [{ command: 'plan', 'fail-on': 'warnings' }, /fail-on is one of/],
    [{ command: 'plan', comment: 'maybe' }, /comment is one of true, changes-only, false/]
  ])('%j is refused', (values, message) => expect(() => given(values)).toThrow(message))

  test('no flag is taken from a variable that nobody sees in the step', () => {
    process.env['PGLINK_PRUNE'] = '1'
    try {
      expect(given({ command: 'plan' }).flags.prune).toBe(false)
    } finally {
      delete process.env['PGLINK_PRUNE']
    }
  })
})
