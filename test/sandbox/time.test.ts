import { describe, expect } from 'vitest'
import { sandboxHere } from '../support/sandbox.ts'
import { arm, armWithGroup, group, ours } from './arm.ts'
import { zone } from './zones.ts'

describe('time', () => {
  ours('TIME-01 TIME-02 TIME-03 stands still until it is put forward, and then work is done when it is due', async () => {
    const { send, wait, control } = await armWithGroup()
    const before = (await control('GET', 'clock'))['now']
    await send('PUT', zone, { location: 'global' })
    expect((await control('GET', 'clock'))['now']).toEqual(before)
    await wait(27)
    expect((await send('GET', zone)).status).toBe(404)
    await wait(1)
    expect((await send('GET', zone)).status).toBe(200)
    const passed = Date.parse(String((await control('GET', 'clock'))['now'])) - Date.parse(String(before))
    expect(passed).toBe(28_000)
  })

  ours('TIME-04 what is in flight goes on after a save and a load', async () => {
    const { send, wait, control } = await armWithGroup()
    const put = await send('PUT', zone, { location: 'global' })
    await wait(20)
    const state = await control('GET', 'state')
    await control('POST', 'reset')
    expect((await send('GET', group)).status).toBe(404)
    await control('PUT', 'state', state)
    const poll = put.headers.get('azure-asyncoperation') ?? ''
    expect((await send('GET', poll)).status).toBe(202)
    await wait(8)
    expect((await send('GET', poll)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', zone)).status).toBe(200)
  })

  ours('TIME-05 a faster one waits less, and never less than a second', async () => {
    const { send } = await arm()
    const fast = await sandboxHere(['--speed', '1000'])
    try {
      const there = async (method: string, path: string, body?: Parameters<typeof send>[2]) => {
        const agent = await import('node:https')
        return new Promise<{ readonly status: number; readonly retryAfter: string | undefined }>((resolve, reject) => {
          const url = `${fast.url}${path}?api-version=${path === group ? '2025-04-01' : '2024-06-01'}`
          const asked = agent.request(url, { method, ca: fast.ca, headers: { authorization: 'Bearer x' } }, answer => {
            answer.resume()
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] }))
          })
          asked.on('error', reject)
          asked.end(body === undefined ? '' : JSON.stringify(body))
        })
      }
      await there('PUT', group, { location: 'eastus2' })
      expect((await there('PUT', zone, { location: 'global' })).retryAfter).toBe('1')
      await expect.poll(async () => (await there('GET', zone)).status, { timeout: 5000 }).toBe(200)
    } finally {
      await fast.stop()
    }
  })
})
