import { runService } from 'kafka-restaurants-service'
import { Config } from './config.ts'

await runService({
  name: 'toy',
  config: Config,
  createApp: ({ GREETING }) => ({
    routes: http => void http.get('/greeting', (_request, response) => void response.json(GREETING)),
  }),
})
