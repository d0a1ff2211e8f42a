import { findRecords, type KafkaConnection, type OutputRecord } from 'kafka-restaurants-kafka'
import { type Call, clocksDifferMs } from '../retained.ts'

export interface LostRequests {
  /**
   * Whether the request of a call was never written: a gateway was killed between its claim and its request, or Kafka did not
   * take that. False where it can't be told, and while it may still be on its way.
   * @param request as it would be written now
   */
  isLost: (call: Call, request: OutputRecord) => Promise<boolean>
}

/** Who has a request in hand has given it up by then. */
const longestWriteMs = 10_000

/** Looks for requests in their topic, one at a time: it reads all that was written of a partition since the claim. */
export function lostRequests(kafka: KafkaConnection): LostRequests {
  let isLooking = false
  const isLost: LostRequests['isLost'] = async (call, { topic, key }) => {
    const isOfInterest = !call.isWritten && !call.place && Date.now() - call.at > longestWriteMs
    // A key that many requests have says nothing of this one.
    if (!isOfInterest || isLooking || key !== call.id) return false
    isLooking = true
    try {
      const since = call.at - clocksDifferMs
      const found = await findRecords(kafka, { topic, keys: [call.id], since, reader: 'gateway' })
      call.isWritten = found.size > 0
      return !call.isWritten
    } catch (err) {
      kafka.log.warn({ err }, 'it can not be told whether a request was written')
      return false
    } finally {
      isLooking = false
    }
  }
  return { isLost }
}
