import type { RequestHandler } from 'express'
import { HttpProblem, type LiveUpdates } from 'kafka-restaurants-service'
import type { ClusterWatch } from '../watch-cluster.ts'

/** What all who watch the pipeline wait for. */
export const pipelineNews = 'pipeline'

/** `GET /pipeline`: topics and groups now, or with `Accept: text/event-stream` after each look at the cluster. */
export const pipelineHandler =
  ({ watch, live }: { watch: ClusterWatch; live: LiveUpdates }): RequestHandler =>
  async (request, response) => {
    response.set('Vary', 'Accept')
    if (request.accepts(['json', 'text/event-stream']) !== 'text/event-stream') {
      const found = await watch.once().catch(cause => {
        throw new HttpProblem(503, 'Kafka does not answer', { cause, headers: { 'Retry-After': '2' } })
      })
      return void response.set('Cache-Control', 'no-store').json(found)
    }
    const end = watch.begin()
    try {
      await live.stream(request, response, pipelineNews, () => {
        const data = watch.seen()
        return data ? [{ id: '', data }] : []
      })
    } finally {
      end()
    }
  }
