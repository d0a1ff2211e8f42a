'use client'

import { Pipeline } from 'kafka-restaurants-contracts'
import { useEffect, useState } from 'react'
import { wait } from '../api/again.ts'
import { ask } from '../api/answer.ts'
import { type Connection, followList } from '../api/live-list.ts'
import { whileSeen } from '../api/while-seen.ts'

const path = '/api/backstage/pipeline'

/** The pipeline, live while somebody looks. */
export function usePipeline() {
  const [pipeline, setPipeline] = useState<Pipeline>()
  const [connection, setConnection] = useState<Connection>('opening')
  useEffect(
    () =>
      whileSeen(() =>
        followList<Pipeline>(
          {
            ask: async signal => {
              const answer = await ask(path, Pipeline, { signal })
              return answer.state === 'ready' ? { ...answer, data: [answer.data] } : answer
            },
            open: () => new EventSource(path),
            parse: text => [Pipeline.parse(JSON.parse(text))],
            wait,
          },
          { tell: ([last]) => last && setPipeline(last), connected: setConnection },
        ),
      ),
    [],
  )
  return { pipeline, connection }
}
