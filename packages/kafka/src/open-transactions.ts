import { connect } from 'node:net'

/** ListTransactions (api key 66), version 0, of those in the state `Ongoing`; kafkajs does not know it. */
const request = framed(
  Buffer.from([0, 66, /* version */ 0, 0, /* correlation id */ 0, 0, 0, 7, /* no client id */ 255, 255, 0]),
  Buffer.from([2, 'Ongoing'.length + 1]),
  Buffer.from('Ongoing'),
  Buffer.from([/* of any producer */ 1, 0]),
)

/**
 * The ids of all transactions that are open where this broker is their coordinator: begun, and not being ended yet.
 * @param broker `host:port`, without TLS or a login
 * @throws Error when it does not answer within 2 s, or with an error code
 */
export function openTransactions(broker: string): Promise<string[]> {
  const { hostname: host, port } = new URL(`kafka://${broker}`)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: 2_000 })
    const fail = (why: string) => {
      socket.destroy()
      reject(new Error(`the open transactions are not known: ${why}`))
    }
    let answer = Buffer.alloc(0)
    socket.once('timeout', () => fail('no answer'))
    socket.once('error', error => fail(error.message))
    socket.once('close', () => fail('the connection was closed'))
    socket.once('connect', () => socket.write(request))
    socket.on('data', data => {
      answer = Buffer.concat([answer, data])
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return
      const error = answer.readInt16BE(13)
      if (error !== 0) return fail(`error code ${error}`)
      resolve(idsIn(answer))
      socket.destroy()
    })
  })
}

/** Behind length, correlation id, tags, throttle time and error code: states that it does not know, and transactions. */
function idsIn(answer: Buffer): string[] {
  let at = 15
  /** Lengths and counts are one more than what they tell; tags, of which there are none, are not. */
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = answer.readUInt8(at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const text = () => {
    const length = varint() - 1
    at += length
    return answer.toString('utf8', at - length, at)
  }
  const list = (read: () => string) => Array.from({ length: varint() - 1 }, read)
  list(text)
  return list(() => {
    const id = text()
    at += 8 // the producer's id
    text() // the state
    varint()
    return id
  })
}

function framed(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}
