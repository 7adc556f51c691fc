import { Stop } from '../engine/stop.ts'
import type { Inputs } from './inputs.ts'

/** The login, where the inputs say it. */
export type Login = Pick<Inputs, 'clientId' | 'tenantId' | 'subscriptionId'>

export interface JobPlace {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Whether to sign in as the job itself: the inputs name as whom. */
  readonly asJob: boolean
}

/**
 * The environment as the commands are to see it. Named by the inputs, a login is the job's own; without them it is whatever
 * azure/login or the environment left.
 *
 * @throws Stop where the job cannot prove who it is
 */
export function surroundings(env: NodeJS.ProcessEnv, { clientId, tenantId, subscriptionId }: Login, cwd: string): JobPlace {
  if ((clientId === '') !== (tenantId === '')) throw new Stop('error', 'The inputs client-id and tenant-id go together: one is missing.')
  return {
    env: {
      ...env,
      ...(clientId !== '' && { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId }),
      ...(subscriptionId !== '' && { AZURE_SUBSCRIPTION_ID: subscriptionId })
    },
    cwd,
    asJob: clientId !== ''
  }
}
