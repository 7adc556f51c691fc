import { type Job, type Runner, runner } from '../support/runner.ts'
import { type Estate, estateInFile } from './estate.ts'
import { exampleOf, type Hub, hub, pullEvent } from './github.ts'

export const topology = exampleOf('quickstart', 'topology.yaml')
/** The same with one change of a server. */
export const wider = topology.replace('sizeGiB: 128', 'sizeGiB: 256')
/** Another one beside it, in an estate that it shares nothing with but the network: one zone of a name is all that a network can be linked to. */
export const second = topology
  .replace('name: orders\n', 'name: orders2\n')
  .replaceAll('orders-pg', 'orders2-pg')
  .replace('rg-orders', 'rg-orders2')
  .replace(/privateDnsZones:\n.*?\n\n/s, '')
  .replace('privateDns: { zone: link }', 'privateDns: none')

export const commit = (letter: string): string => letter.repeat(40)
export const onPull = (number: number, sha: string): Job => ({ event: 'pull_request', payload: pullEvent(number, sha) })
/** Upon the commit that {@link onPull} planned upon, unless another is given. */
export const onPush = (sha: string, { before = commit('9'), branch = 'main' } = {}): Job => ({
  event: 'push',
  payload: { before },
  env: { GITHUB_SHA: sha, GITHUB_REF: `refs/heads/${branch}` }
})

export interface Scene {
  readonly azure: Estate
  readonly hub: Hub
  /** A job with the topology as it is in that commit. */
  job(event: Job, text?: string): Runner
  readonly inputs: Readonly<Record<string, string>>
}

/** The estate of the quickstart, and a repository with its topology. */
export async function scene({ ghes = false } = {}): Promise<Scene> {
  const azure = estateInFile(JSON.parse(exampleOf('quickstart', 'sandbox.json')) as object)
  const there = await hub({ ghes })
  return {
    azure,
    hub: there,
    inputs: { ...azure.inputs, 'allow-env': 'ORDERS_PG_PASSWORD', label: 'prod' },
    job(event, text = topology) {
      const env = { ...azure.env, ...there.env, ORDERS_PG_PASSWORD: 'Correct-Horse-9', ...event.env }
      const job = runner({ token: there.token, ...event, env })
      job.write('topology.yaml', text)
      return job
    }
  }
}
