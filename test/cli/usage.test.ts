import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { folder, transcript } from '../support/cli.ts'

const codes = /\n\nExit codes:\n[\s\S]*?(?=\n\[exit)/

/** Without the exit codes, which the help of pglink itself shows. */
const helpOf = async (command: string): Promise<string> => transcript(await folder().pglink(`${command} --help`)).replace(codes, '')

test('the help of each command ends with the exit codes', async () => {
  const all = transcript(await folder().pglink('--help'))
  for (const { name } of commands) expect(codes.exec(transcript(await folder().pglink(`${name} --help`)))?.[0]).toBe(codes.exec(all)?.[0])
})

test('the help names the commands there are, and the exit codes', async () => {
  expect(transcript(await folder().pglink('--help'))).toMatchInlineSnapshot(`
    "$ pglink --help
    Usage: pglink [options] [command]

    Declarative private networking for Azure Database for PostgreSQL flexible
    server.

    Options:
      --version                         print the version
      -h, --help                        display help for command

    Commands:
      init [options] [folder]           write a first topology, asking for what it
                                        says, with its schema for editors and, if
                                        asked for, workflows
      validate [options] [files...]     check topology files without touching Azure
      fmt [options] [files...]          write topology files in one form, comments
                                        kept; names those it changed
      render [options] [files...]       print the topology with overlays, variables
                                        and defaults put in, and the origin of each
                                        line
      plan [options] [files...]         show what an apply would do, step by step;
                                        writes nothing
      apply [options] [files...]        carry out a plan, in order, and restore
                                        every lock
      drift [options] [files...]        show what in Azure is not as the topology
                                        says, and what no file declares; writes
                                        nothing there
      verify [options] [files...]       show each private path to a server hop by
                                        hop: whole, broken and how to mend it, or
                                        not seen; writes nothing
      graph [options] [files...]        draw the topology as a picture: a file as it
                                        is, or a plan before and after
      explain [options] [rule]          explain a rule: what it wants, why, and how
                                        to satisfy it; without an id, list them all
      locks                             see and restore management locks
      connections                       see and decide on private endpoint
                                        connections
      show [options] <address>          show one entry of the topology as Azure has
                                        it: id, name, addresses, fields, tags, locks
      output [options] [files...]       print ids, host names and private addresses
                                        of what the topology declares and Azure has
      adopt [options] <addresses...>    put the tag of the topology on what is
                                        there, so that it is ours; writes nothing
                                        else of it
      release [options] <addresses...>  take the tag of the topology off, so that it
                                        is ours no more; writes nothing else of it
      import [options]                  write the topology of what is in Azure
                                        already; only reads there
      doctor [options] [files...]       look at all that a run needs: Node, file,
                                        network, clock, login, providers, rights;
                                        only reads
      devops                            show a plan on a pull request of Azure
                                        DevOps, and find the one that was approved
      schema                            print the JSON Schema of a topology
      completion <shell>                print a script that completes commands,
                                        flags and files in a shell
      sandbox [options]                 serve the sandbox over HTTPS on this
                                        machine, for pglink --arm-endpoint and other
                                        clients of ARM
      help [command]                    show the help of a command

    Every flag can also be given as PGLINK_<FLAG>.

    Exit codes:
        0  done, or nothing to do
        1  an error, and nothing was changed by it; drift: something declared could not be read
        2  plan --detailed-exitcode: there are changes; import: the file breaks rules, as what is there does; fmt --check: a file is not in its form
        3  drift: Azure is not as declared, or holds what no file declares; verify: a path is broken
        4  the file is missing or invalid
        5  something moved since the plan was made; connections: it changed since it was shown
        6  refused by a safety rule, or not confirmed
        7  waiting on a person or a right; --duty: something is left to another; verify: part of a path could not be seen, or waits
        8  partly done; import: not all could be read
        9  a management lock is not restored: pglink locks restore
       64  a command or flag that does not exist
      130  interrupted (Ctrl-C)
      143  terminated
    [exit 0]
    "
  `)
})

test('the help of a command names its flags', async () => {
  expect(await helpOf('locks restore')).toMatchInlineSnapshot(`
    "$ pglink locks restore --help
    Usage: pglink locks restore [options] [files...]

    restore the locks that an apply lifted and left off

    Arguments:
      files                        topology files, folders with a topology.yaml in
                                   them, or quoted patterns such as
                                   "estates/**/topology.yaml" (default:
                                   topology.yaml)

    Options:
      --env <NAME>                 lay topology.NAME.yaml over topology.yaml
      --env-file <FILE>            read variables from FILE; its names may be used
                                   in the topology
      --allow-env <NAME>           let the topology read the environment variable
                                   NAME
      --subscription <ID>          the subscription of entries that name none
      --data-dir <DIR>             where the journal and the audit are kept
                                   (default: .pglink beside the topology)
      --sandbox                    use the built-in Azure sandbox: no account is
                                   needed and nothing real is touched
      --sandbox-state <FILE>       the sandbox's estate (default: sandbox.json in
                                   the data directory)
      --sandbox-seed <FILE>        ARM bodies by id that a new sandbox begins with
      --sandbox-faults <FILE>      faults of the sandbox on purpose
      --sandbox-log <FILE>         append the sandbox's requests to FILE, as NDJSON
      --sandbox-throttle           let the sandbox refuse requests beyond Azure's
                                   limits
      --arm-endpoint <URL>         a running \`pglink sandbox\` on this machine; its
                                   token is in ARM_TOKEN
      --max-reads-per-minute <N>   read Azure no more often than N times a minute,
                                   so as to leave room for others
      -v, --verbose                log each request to Azure on stderr, without
                                   secrets (also PGLINK_LOG=debug)
      --lock-identity <CLIENT_ID>  lift, restore and write locks by this second
                                   login, of the same tenant: a managed identity or
                                   federation as the first one has, or
                                   AZURE_LOCK_CLIENT_SECRET
      --journal <FILE>             a journal of this topology brought from another
                                   machine, beside this one's own
      --keep <LOCK>                leave this lock, by its ARM id, as it was changed
                                   while it was off
      --now                        do not wait for a run elsewhere that still has a
                                   lock off
      --lift-inherited-locks       lift, or restore, locks that are set above a
                                   resource where ARM requires it
      --auto-approve               do not ask before applying, deciding, or
                                   restoring from --journal
      --json                       print one JSON document on stdout and nothing
                                   else
      --no-color                   print without colours
      -h, --help                   display help for command
    [exit 0]
    "
  `)
})

test('the help of the sandbox names what it can be told', async () => {
  expect(await helpOf('sandbox')).toMatchInlineSnapshot(`
    "$ pglink sandbox --help
    Usage: pglink sandbox [options]

    serve the sandbox over HTTPS on this machine, for pglink --arm-endpoint and
    other clients of ARM

    Options:
      --port <N>            the port on 127.0.0.1 (default: one that is free)
      --speed <N>           how many times faster than real time goes (default: 1);
                            with 0 it stands still
      --ca-out <FILE>       where the certificate to trust is written (default:
                            .pglink/sandbox-ca.pem)
      --tls-cert <FILE>     a certificate of your own for localhost, PEM, in place
                            of one that is made
      --tls-key <FILE>      its key, PEM
      --state <FILE>        where the estate is kept (default: .pglink/sandbox.json)
      --seed <FILE>         ARM bodies by id that a new estate begins with
      --principals <FILE>   principals that may ask, and their roles (default: every
                            client, as Owner)
      --behaviours <FILE>   switches of what is not certain about Azure, a JSON
                            object
      --throttle            refuse requests beyond Azure's limits
      --faults <FILE>       faults on purpose
      --log <FILE>          append the requests to FILE, as NDJSON
      --data-plane          answer DNS on loopback and let clients through to a
                            PostgreSQL of this machine, as the estate has it; prints
                            what to give to verify
      --print-env <CLIENT>  print the lines that point another client at the sandbox
                            on --port, and end (choices: "az", "terraform", "sdk",
                            "powershell")
      --no-color            print without colours
      -h, --help            display help for command
    [exit 0]
    "
  `)
})

test.each([
  ['plan --sandbx', 'Did you mean --sandbox?'],
  ['plam', 'Did you mean plan?'],
  ['locks lst', 'Did you mean list?'],
  ['explain PGL01', 'did you mean PGL001?'],
  ['plan --max-deletes many', 'takes a whole number'],
  ['apply --parallelism 0 --sandbox', 'from 1'],
  ['sandbox extra', 'too many arguments'],
  ['sandbox --port 99999', 'up to 65535'],
  ['', 'Usage: pglink']
])('%s is wrong usage', async (args, says) => {
  const here = folder({ 'topology.yaml': '' })
  const { code, stderr } = await here.pglink(args)
  expect(stderr).toContain(says)
  expect(code).toBe(64)
  expect(existsSync(join(here.path, '.pglink'))).toBe(false)
})

test('a flag may come from the environment; a switch there is on or off, and nothing else', async () => {
  const here = folder({ 'topology.yaml': 'version: 1\nname: nothing\n' })
  const on = await here.pglink('plan', { PGLINK_SANDBOX: '1' })
  expect(on.code).toBe(0)
  const neither = await here.pglink('plan', { PGLINK_SANDBOX: 'maybe' })
  expect(neither.code).toBe(64)
})

test('without a login it says so once, in one sentence, and fails; so where the environment turns the sandbox off', async () => {
  const here = folder({ 'topology.yaml': 'version: 1\nname: nothing\n' })
  expect(transcript(await here.pglink('plan', { PGLINK_SANDBOX: 'false' }))).toMatchInlineSnapshot(`
    "$ pglink plan
    (stderr)
    Error: You are not signed in to Azure.
    Run az login, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret or federated token; or try it out with --sandbox.
    [exit 1]
    "
  `)
})

test.each(['http://localhost:8443', 'https://example.org', 'nonsense'])('--arm-endpoint %s is not on this machine', async url => {
  const here = folder({ 'topology.yaml': 'version: 1\nname: nothing\n' })
  const { code, stderr } = await here.pglink(`plan --arm-endpoint ${url}`, { ARM_TOKEN: 'any' })
  expect(stderr).toContain('takes an https address on this machine')
  expect(code).toBe(1)
})

test.each([
  ['NO_COLOR wins over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['FORCE_COLOR colours a pipe', { FORCE_COLOR: '1' }, true],
  ['a pipe has no colours', {}, false],
  ['PGLINK_NO_COLOR is the flag', { FORCE_COLOR: '1', PGLINK_NO_COLOR: '1' }, false]
])('%s', async (_, env, coloured) => {
  const here = folder({ 'topology.yaml': 'version: 1\nname: nothing\n' })
  const { stdout } = await here.pglink('validate', env as Record<string, string>)
  expect(stdout.includes('\u001b[')).toBe(coloured)
})
