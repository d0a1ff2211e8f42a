'use client'

import { OrderRecord } from 'kafka-restaurants-contracts'
import { useEffect, useState } from 'react'
import { pauseMs, wait } from '../api/again.ts'
import { ask } from '../api/answer.ts'

const schema = OrderRecord.array()

/** The records that told of an order, asked for again once there are more of them than `count` was. */
export function useRecords(orderId: string, count: number): OrderRecord[] {
  const [records, setRecords] = useState<OrderRecord[]>([])
  useEffect(() => {
    const stopped = new AbortController()
    const { signal } = stopped
    const read = async () => {
      for (let failures = 0; count > 0 && !signal.aborted; failures++) {
        const answer = await ask(`/api/backstage/orders/${orderId}/records`, schema, { signal })
        if (answer.state === 'ready' && !signal.aborted) setRecords(answer.data)
        if (answer.state === 'ready' && answer.data.length >= count) return
        await wait(pauseMs(failures), signal)
      }
    }
    void read()
    return () => stopped.abort()
  }, [orderId, count])
  return records
}
