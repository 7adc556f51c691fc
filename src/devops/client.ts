import type { Pipeline, PipelineResponse } from '@azure/core-rest-pipeline'
import { Stop } from '../engine/stop.ts'
import { isMap, jsonIn } from '../model/json.ts'
import { messageOf } from '../model/message.ts'
import { printable } from '../model/printable.ts'
import type { Build } from './build.ts'

interface Asked {
  /** As in «Could not …». */
  readonly to: string
  /** Beneath the project, or beneath the organization where it begins with a slash. */
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
}

/** Asks Azure DevOps as the build, and gives the JSON of the answer. @throws Stop with the way out */
export type Devops = (asked: Asked) => Promise<unknown>

/** A connection over which nothing comes any more is a broken one. */
const answerMs = 60_000

/** The token goes to the organization alone: behind a redirect to another host the file of an artifact is asked for without it. */
export async function devopsFor({ collection, project, token }: Build, userAgentPrefix: string): Promise<Devops> {
  const rest = await import('@azure/core-rest-pipeline')
  const redirectOptions = { allowCrossOriginRedirects: true }
  const usual = rest.createPipelineFromOptions({ userAgentOptions: { userAgentPrefix }, redirectOptions })
  // A write that got no answer may have been carried out: only one that was refused for its haste is sent again.
  const writing = usual.clone()
  writing.removePolicy({ name: 'defaultRetryPolicy' })
  writing.addPolicy(rest.throttlingRetryPolicy())
  const http = rest.createDefaultHttpClient()
  const send = (pipeline: Pipeline, { path, method = 'GET', query = {}, body }: Asked): Promise<PipelineResponse> => {
    const parameters = new URLSearchParams({ ...query, 'api-version': path === identityPath ? '7.1-preview' : '7.1' })
    const request = rest.createPipelineRequest({
      url: `${collection}${path.startsWith('/') ? path.slice(1) : `${encodeURIComponent(project)}/${path}`}?${parameters}`,
      method,
      headers: rest.createHttpHeaders({
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' })
      }),
      ...(body && { body: JSON.stringify(body) }),
      timeout: answerMs,
      // A server of one's own may have no certificate.
      allowInsecureConnection: collection.startsWith('http:')
    })
    return pipeline.sendRequest(http, request)
  }
  return async asked => {
    const pipeline = asked.method === undefined ? usual : writing
    const answer = await send(pipeline, asked).catch((error: unknown) => {
      throw new Stop('error', `Could not ${asked.to}: ${printable(messageOf(error))}. Run the job again.`)
    })
    return contentOf(answer, asked.to)
  }
}

/** Tells whose token it is. */
const identityPath = '/_apis/connectionData'

/** The identity that the build has. @throws Stop */
export async function identityOf(devops: Devops): Promise<string> {
  const id = at(await devops({ to: 'learn whose token it is', path: identityPath }), 'authenticatedUser', 'id')
  if (typeof id === 'string' && id !== '') return id
  throw new Stop(
    'error',
    'Azure DevOps does not say whose token it is, so that our thread cannot be told from others. Nothing was written.'
  )
}

function contentOf({ status, bodyAsText, headers }: PipelineResponse, to: string): unknown {
  const text = bodyAsText ?? ''
  // A token that is not known is answered with the page to sign in at.
  const isPage = /\bhtml\b/.test(headers.get('content-type') ?? '')
  if (status === 401 || status === 203 || (status < 400 && isPage))
    throw new Stop('error', `Could not ${to}: Azure DevOps does not take the token. Give the step the System.AccessToken of this job.`)
  if (status < 300) return contentIn(text, to)
  const said = text.startsWith('{') ? at(contentIn(text, to), 'message') : undefined
  const why = typeof said === 'string' ? `: ${printable(Array.from(said).slice(0, 300).join(''))}`.replace(/\.$/, '') : ''
  const [, way] = waysOut.find(([one]) => one === status) ?? [0, 'Run the job again']
  throw new Stop('error', `Could not ${to}${why} (${status}). ${way}.`)
}

const waysOut: readonly (readonly [status: number, way: string])[] = [
  [
    403,
    'Give the build service of the project “Contribute to pull requests” and “Read” on the repository, and “View builds” on the pipeline'
  ],
  [404, 'It is not there, or the build service of the project may not see it']
]

function contentIn(text: string, to: string): unknown {
  try {
    return jsonIn(text)
  } catch (error) {
    throw new Stop('error', `Could not ${to}: the answer ${messageOf(error)}.`)
  }
}

/** The value that lies there in an answer; `undefined` where there is nothing. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (below, key) => (isMap(below) || Array.isArray(below) ? (below as Record<string | number, unknown>)[key] : undefined),
    value
  )

/** The list that lies there in an answer; empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
