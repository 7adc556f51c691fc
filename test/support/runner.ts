import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { endWith } from '../../src/action/end.ts'
import { main } from '../../src/action/main.ts'
import { post } from '../../src/action/post.ts'
import { hidingSecrets } from '../../src/model/redact.ts'
import { inProcesses } from './parts.ts'
import { temporaryFolder } from './temporary.ts'
import { trusting } from './trust.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** action.yml, as far as the runner reads it. */
export interface Manifest {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post: string; readonly 'post-if': string }
}

export const manifest = (): Manifest => parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Manifest

/** The runner's words to every step of a job. */
export interface Job {
  readonly event?: string
  readonly payload?: unknown
  readonly env?: Readonly<Record<string, string>>
  /** The value of `${{ github.token }}` in a default. */
  readonly token?: string
  /** The folder that was checked out; one of its own when absent. */
  readonly workspace?: string
  /** Where the action was downloaded to; what is built here when absent. */
  readonly action?: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** Commands that the runner would carry out, in order. */
  readonly commands: readonly Command[]
  /** The text of the log: the commands carried out, and everything masked that was to be. */
  readonly log: string
}

interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

export interface RunningStep {
  readonly pid: number
  /** Waits until the step has said something. */
  said(pattern: RegExp): Promise<void>
  signal(name: NodeJS.Signals): void
  ended(): Promise<Ended>
}

export interface Runner {
  readonly workspace: string
  readonly temp: string
  write(file: string, text: string): void
  read(file: string): string
  /** Begins a step that uses the action, in a process of its own. */
  start(inputs: Readonly<Record<string, string>>): RunningStep
  /** Does a step: in this process, or in one of its own where `npm run test:rest` runs the test or the job has a copy of the action. */
  run(inputs: Readonly<Record<string, string>>): Promise<Ended>
  /** The post step of the last step that was begun, as at the end of a job: with its inputs, and with what it saved as state. */
  post(how?: { readonly inOwnProcess: boolean }): Promise<Ended>
}

/** Runs the action as the runner of GitHub Actions does: inputs and state in the environment, files for what it says. */
export function runner(job: Job = {}): Runner {
  const home = temporaryFolder()
  const workspace = job.workspace ?? join(home, 'work')
  const temp = join(home, 'temp')
  mkdirSync(workspace, { recursive: true })
  mkdirSync(temp)
  writeFileSync(join(home, 'event.json'), JSON.stringify(job.payload ?? {}))
  const { inputs: declared, runs } = manifest()
  let steps = 0
  let last: { readonly inputs: Readonly<Record<string, string>>; readonly state: string } | undefined

  /** The environment of the next step, and the files in which it says what it ends with. */
  const surroundings = (inputs: Variables, state: Variables): { readonly env: Variables; readonly files: Variables } => {
    steps += 1
    const files = Object.fromEntries(['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'].map(name => [name, join(home, `${name}-${steps}`)]))
    for (const file of Object.values(files)) writeFileSync(file, '')
    const given = Object.entries({ ...defaultsOf(declared, job.token ?? ''), ...inputs })
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      LANG: 'C.UTF-8',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/estate',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '4711',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_SHA: '0'.repeat(40),
      GITHUB_EVENT_NAME: job.event ?? 'push',
      GITHUB_EVENT_PATH: join(home, 'event.json'),
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: temp,
      ...job.env,
      ...Object.fromEntries(Object.entries(files).map(([name, file]) => [`GITHUB_${name}`, file])),
      ...Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value])),
      ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
    }
    if (state === noState) last = { inputs, state: files['STATE'] ?? '' }
    return { env, files }
  }
  const begin = (entry: string, { env, files }: ReturnType<typeof surroundings>): RunningStep =>
    watched(spawn(process.execPath, [join(job.action ?? root, entry)], { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] }), files)
  const ran = async (entry: string, inputs: Variables, state: Variables, isProcess = inProcesses): Promise<Ended> => {
    const step = surroundings(inputs, state)
    if (isProcess || job.action !== undefined) return begin(entry, step).ended()
    return inThisProcess(entry === runs.main ? main : post, workspace, step.env).then(said => endedWith(said, step.files))
  }
  return {
    workspace,
    temp,
    write(file, text) {
      mkdirSync(dirname(join(workspace, file)), { recursive: true })
      writeFileSync(join(workspace, file), text)
    },
    read: file => readFileSync(join(workspace, file), 'utf8'),
    start: inputs => begin(runs.main, surroundings(inputs, noState)),
    run: inputs => ran(runs.main, inputs, noState),
    async post(how) {
      if (last === undefined) throw new Error('There was no step before it.')
      return ran(runs.post, last.inputs, fileCommands(readFileSync(last.state, 'utf8')), how?.inOwnProcess)
    }
  }
}

type Variables = Readonly<Record<string, string>>
type Said = Pick<Ended, 'code' | 'signal' | 'stdout' | 'stderr'>

/** The state of a step that is no post step. */
const noState: Variables = {}

let isBusy = false

/**
 * The work of a step as `src/action.ts` and `src/post.ts` begin it. The toolkit of GitHub reads the environment of the process and writes
 * to its standard output, so that both are the step's meanwhile, and a second step waits.
 */
async function inThisProcess(work: typeof main, workspace: string, env: Variables): Promise<Said> {
  if (isBusy) throw new Error('A step runs in this process already. Begin the second with `start`.')
  isBusy = true
  const own = { env: process.env, write: process.stdout.write }
  let stdout = ''
  const write = (text: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    stdout += String(text)
    const written = rest.at(-1)
    if (typeof written === 'function') written()
    return true
  }
  const stream = { write, on: () => undefined }
  let code: number | null = null
  const runner = {
    env: { ...env },
    platform: process.platform,
    stdout: stream,
    stderr: stream,
    cwd: () => workspace,
    on: () => undefined,
    exit(given: number) {
      code = given
    }
  } as unknown as NodeJS.Process
  process.env = runner.env
  process.stdout.write = write
  try {
    await trusting(env, () => hidingSecrets(() => endWith(runner, () => work(runner))))
    return { code, signal: null, stdout, stderr: '' }
  } finally {
    process.env = own.env
    process.stdout.write = own.write
    isBusy = false
  }
}

/** How a step ended, from the text and the files that it wrote. */
function endedWith(said: Said, files: Variables): Ended {
  const read = (name: string): string => readFileSync(files[name] ?? '', 'utf8')
  const { commands, log } = carriedOut(said.stdout + said.stderr)
  return { ...said, outputs: fileCommands(read('OUTPUT')), summary: read('STEP_SUMMARY'), commands, log }
}

const defaultsOf = (inputs: Manifest['inputs'], token: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { default: value = '' }]) => [name, /^\$\{\{ github\.token \}\}$/.test(value) ? token : value])
  )

/** `name<<delimiter`, the value, and the delimiter; or `name=value`. */
function fileCommands(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? []
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1)
      found[name] = lines.slice(at + 1, end).join('\n')
      at = end
    } else if (line.includes('=')) found[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1)
  }
  return found
}

function watched(child: ReturnType<typeof spawn>, files: Variables): RunningStep {
  const said = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      for (const look of [...waiting]) look()
    })
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve([code, signal]))
  })
  return {
    pid: child.pid ?? 0,
    signal: name => void child.kill(name),
    said: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(said.stdout + said.stderr)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        void closed.then(() => reject(new Error(`It ended without saying ${pattern}: ${said.stdout}${said.stderr}`)))
        look()
      }),
    async ended() {
      const [code, signal] = await closed
      return endedWith({ code, signal, ...said }, files)
    }
  }
}

/** The older form of a command, which may be anywhere in a line [GH actions/runner, ActionCommand.cs]. */
const older =
  /##\[(add-mask|add-matcher|remove-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice|save-state|set-env|set-output|stop-commands|warning)(?: ([^\]]*))?\](.*)$/su

/** As the runner reads a log: a line that begins with `::`, after blanks, is a command; a mask counts for all lines after it. */
function carriedOut(text: string): Pick<Ended, 'commands' | 'log'> {
  const commands: Command[] = []
  const masks: string[] = []
  const shown = text.split('\n').flatMap(line => {
    const [, name, properties = '', message = ''] =
      /^\s*::([\w-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/su.exec(line) ?? older.exec(line) ?? []
    if (name === undefined) return [masks.reduce((rest, mask) => rest.replaceAll(mask, '***'), line)]
    const command = { name, properties: propertiesOf(properties), message: unescaped(message) }
    commands.push(command)
    if (name === 'add-mask') masks.push(...[command.message, ...command.message.split('\n')].filter(part => part.trim() !== ''))
    return []
  })
  return { commands, log: shown.join('\n') }
}

const unescaped = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')

const propertiesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter(part => part.includes('='))
      .map(part => [part.slice(0, part.indexOf('=')).trim(), unescaped(part.slice(part.indexOf('=') + 1))])
  )
