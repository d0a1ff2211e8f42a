import { runService, serviceEnv } from 'kafka-restaurants-service'
import { reportFailure } from 'kafka-restaurants-service/command'
import { z } from 'zod'
import { createApp } from './app.ts'
import { readArguments, usage } from './arguments.ts'

try {
  const { wants, file, config } = readArguments(process.argv.slice(2), process.env)
  if (wants === 'help') console.log(usage)
  else if (wants === 'check') console.log(`${file}: nothing wrong`)
  else
    await runService({
      name: 'event-bus',
      config: z.object(serviceEnv(5009)),
      createApp: (_, context) => createApp(config, context),
    })
} catch (error) {
  reportFailure(error)
}
