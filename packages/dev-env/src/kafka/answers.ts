import { connect } from 'node:net'

/** An ApiVersions request, version 0: the one question that every Kafka broker answers to anybody. */
const apiVersionsRequest = Buffer.from([
  0, 0, 0, 10, /* api key */ 0, 18, /* version */ 0, 0, /* correlation id */ 0, 0, 0, 7,
  /* no client id */ 255, 255,
])

/** Whether a broker answers at `127.0.0.1:port`. An open port alone says too little: it opens before there is an answer. */
export function kafkaAnswers(port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    const finish = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(timeoutMs, () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('close', () => finish(false))
    socket.once('connect', () => socket.write(apiVersionsRequest))
    socket.once('data', data => finish(data.length >= 8 && data.readInt32BE(4) === 7))
  })
}
