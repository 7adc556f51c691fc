import { createSocket, type RemoteInfo } from 'node:dgram'
import { type Answer, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet'
import type { NameAnswer } from './names.ts'

export interface Responder {
  readonly port: number
  close(): Promise<void>
}

const rcodes = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const

/** A DNS server on loopback, over UDP alone, that answers as it is told. Whatever is no question gets no answer. */
export async function startResponder(resolve: (name: string) => NameAnswer): Promise<Responder> {
  const socket = createSocket('udp4')
  socket.on('message', (message: Buffer, { port, address }: RemoteInfo) => {
    const answer = answerTo(message, resolve)
    if (answer) socket.send(answer, port, address)
  })
  // A client that has gone is no fault of ours.
  socket.on('error', () => {})
  await new Promise<void>((listening, failed) => {
    socket.once('error', failed)
    socket.bind(0, '127.0.0.1', () => {
      socket.off('error', failed)
      listening()
    })
  })
  return { port: socket.address().port, close: () => new Promise(closed => socket.close(() => closed())) }
}

function answerTo(message: Buffer, resolve: (name: string) => NameAnswer): Buffer | undefined {
  let asked: Packet
  try {
    asked = decode(message)
  } catch {
    return undefined
  }
  const [question] = asked.questions ?? []
  if (asked.type !== 'query' || question === undefined) return undefined
  const { code, records } = resolve(question.name)
  return encode({
    type: 'response',
    ...(asked.id !== undefined && { id: asked.id }),
    flags: RECURSION_AVAILABLE | ((asked.flags ?? 0) & RECURSION_DESIRED) | rcodes[code],
    questions: [question],
    answers: records.filter(({ type }) => type === 'CNAME' || type === question.type).map(asAnswer)
  })
}

const asAnswer = ({ name, type, data, ttl }: NameAnswer['records'][number]): Answer => ({ name, type, data, ttl, class: 'IN' })
