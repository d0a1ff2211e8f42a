import { setImmediate } from 'node:timers/promises'
import type { Event } from '../../event.ts'
import { connectRabbitmq, ifThere, type Rabbitmq } from './connection.ts'
import { destinationIsThere, eventOf } from './rabbitmq.ts'
import type { RabbitmqListener, RabbitmqProcessor } from './schema.ts'

/**
 * The first event of the queue; undefined when there is none. RabbitMQ shows no event without giving it out: it is taken,
 * and given back, which a quorum queue counts as a delivery.
 * @throws Error when the server can't be reached, or has no such queue; or when somebody listens to it, as a later event
 * of the same key could overtake this one meanwhile
 */
export const nextRabbitmqEvent = (config: RabbitmqListener): Promise<Event | undefined> =>
  asked(config, async rabbitmq => {
    const { queue } = config
    if ((await existingQueue(rabbitmq, queue)).consumerCount > 0) {
      throw new Error(`somebody listens to the queue ${queue}, and would get its events in another order`)
    }
    const channel = await rabbitmq.connection.createChannel()
    channel.on('error', () => {})
    const message = await channel.get(queue)
    // What is not acknowledged goes back.
    await channel.close()
    return message ? eventOf(message, queue) : undefined
  })

/** @throws Error when the server can't be reached, or has no such queue */
export const checkRabbitmqListener = (config: RabbitmqListener): Promise<void> =>
  asked(config, async rabbitmq => {
    await existingQueue(rabbitmq, config.queue)
  })

/** @throws Error when the server can't be reached, or has not what the results are sent to */
export const checkRabbitmqProcessor = (config: RabbitmqProcessor): Promise<void> =>
  asked(config, rabbitmq => destinationIsThere(rabbitmq, config))

async function existingQueue(rabbitmq: Rabbitmq, queue: string) {
  const found = await ifThere(rabbitmq, channel => channel.checkQueue(queue))
  if (!found) throw new Error(`there is no queue ${queue}`)
  return found
}

async function asked<Answer>(
  config: RabbitmqListener | RabbitmqProcessor,
  ask: (rabbitmq: Rabbitmq) => Promise<Answer>,
): Promise<Answer> {
  const rabbitmq = await connectRabbitmq(config)
  try {
    return await ask(rabbitmq)
  } catch (error) {
    // Why RabbitMQ has closed the connection, that itself says, a moment after its channels.
    throw await Promise.race([rabbitmq.ended, setImmediate(error)])
  } finally {
    await rabbitmq.close()
  }
}
