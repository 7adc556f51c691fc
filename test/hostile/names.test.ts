import { describe, expect, test } from 'vitest'
import { asIs, printed } from '../../src/model/printable.ts'
import { here, top } from './here.ts'
import { sound } from './sound.ts'

/** A link, a title, a new line with a command of a build agent, a bell, a C1 control and a change of direction. */
const evil = '\u001b]8;;https://evil.example\u0007x\u001b]0;t\u0007\r\n::error::forged ##[group]\u009b2J\u202e\u2028'

const topology = `${top}networks:\n  hub:\n    addressSpace: [10.20.0.0/16]\n    subnets: { a: { addressPrefix: 10.20.1.0/24 } }\n`

describe('a path of any name', () => {
  const file = `${evil}.yaml`
  const folder = `dir${evil.replaceAll('/', '')}`
  const name = file.replaceAll('/', '')
  const flags = ['--sandbox', '--data-dir', folder, '--env-file', `${folder}.env`, '--baseline', `./${folder}.yaml`]
  const files = {
    [name]: topology,
    [`${folder}.yaml`]: topology,
    [`${folder}.env`]: 'A=1\n',
    'twice/topology.yaml': topology.replace('name: net', 'name: other')
  }
  test.each<[string, readonly string[]]>([
    ['validate', ['validate', name]],
    ['a plan, its reports and what applies it', ['plan', name, ...flags, '--out', `${folder}.json`, '--markdown', '-']],
    ['several plans', ['plan', name, 'twice/topology.yaml', ...flags]],
    ['an apply', ['apply', name, ...flags, '--auto-approve']],
    ['an apply that asks', ['apply', name, ...flags]],
    ['an apply of several', ['apply', name, 'twice/topology.yaml', ...flags, '--auto-approve']],
    ['drift', ['drift', name, ...flags]],
    ['drift with a way back that is saved', ['drift', name, ...flags, '--revert', '--out', `${folder}.json`]],
    ['locks', ['locks', 'list', name, '--sandbox', '--data-dir', folder]],
    ['restoring', ['locks', 'restore', name, '--sandbox', '--data-dir', folder, '--journal', folder]],
    ['connections', ['connections', 'list', name, '--sandbox']],
    ['a picture', ['graph', name, '--sandbox']],
    ['no file', ['plan', `no${name}`, '--sandbox']],
    ['no folder for a report', ['plan', name, '--sandbox', '--markdown', `no${folder}/x`]],
    ['no seed', ['plan', name, '--sandbox', '--sandbox-seed', folder]],
    ['no faults', ['plan', name, '--sandbox', '--sandbox-faults', folder]],
    ['no variables', ['plan', name, '--sandbox', '--env-file', `no${folder}`]],
    ['no baseline', ['plan', name, '--sandbox', '--baseline', `no${folder}`]],
    ['no overlay', ['plan', name, '--sandbox', '--env', folder]],
    ['no subscription', ['plan', name, '--sandbox', '--subscription', folder]],
    ['no address', ['plan', name, '--sandbox', '--allow-delete', folder, '--plan-digest', folder]],
    ['no endpoint', ['plan', name, '--arm-endpoint', folder]],
    ['no format', ['graph', name, '--format', folder]],
    ['no behaviours', ['sandbox', '--behaviours', folder, '--principals', folder]],
    ['no client', ['sandbox', '--print-env', folder]]
  ])('in %s', async (_, args) => {
    const { pglink } = here(files)
    const { stdout, stderr } = await pglink(args)
    sound(stdout)
    sound(stderr)
    expect(stdout + stderr).not.toContain('pglink has a bug')
    expect(stdout.length + stderr.length).toBeGreaterThan(0)
  })
})

test('what is put into a template is escaped, and what is ours stays', () => {
  expect(printed`a\n${'b\n\u001b[31m'}${1}${undefined} ${asIs('\u001b[31mc\n')}`).toBe('a\nb\\n\\u001b[31m1 \u001b[31mc\n')
})
