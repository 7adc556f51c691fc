import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands on loopback in the place of an address in a network. */
export interface Front {
  /** The same for as long as the front is there, whether it listens or not. */
  readonly port: number
  /** Listens, or takes no connection any more; a connection that is through stays. */
  set(open: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * A front that does not listen yet. The way is asked again for each connection: `through` is the port that it leads to, or `undefined` where
 * none is let through, and then it is reset.
 */
export async function makeFront(through: () => Promise<number | undefined>): Promise<Front> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer({ pauseOnConnect: true }, client => {
    keep(client)
    client.on('error', () => client.destroy())
    through()
      .then(port => {
        if (port === undefined) return client.resetAndDestroy()
        const upstream = connect(port, '127.0.0.1')
        keep(upstream)
        upstream.on('error', () => client.destroy())
        upstream.once('close', () => client.destroy())
        client.once('close', () => upstream.destroy())
        client.pipe(upstream)
        upstream.pipe(client)
        return undefined
      })
      .catch(() => client.resetAndDestroy())
  })
  const port = await listening(server, 0)
  await closed(server)
  let isOpen = false
  return {
    port,
    async set(open) {
      if (open === isOpen) return
      isOpen = open
      await (open ? listening(server, port) : closed(server))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      if (isOpen) await closed(server)
    }
  }
}

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })

/** No longer listens. Connections that are through go on, and are not waited for. */
const closed = (server: Server): Promise<void> => {
  server.close()
  return Promise.resolve()
}
