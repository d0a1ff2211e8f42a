import { runService } from 'kafka-restaurants-service'
import { reportFailure } from 'kafka-restaurants-service/command'
import { createApp } from './app.ts'
import { readArguments, usage } from './arguments.ts'
import { Config } from './config.ts'

try {
  const args = readArguments(process.argv.slice(2), process.env)
  if (args.wants === 'help') console.log(usage)
  else if (args.wants === 'check') {
    const { length } = args.gateway.routes
    console.log(`${args.file}: ${length} ${length === 1 ? 'route' : 'routes'}, nothing wrong`)
  } else {
    const { gateway } = args
    await runService({
      name: 'gateway',
      config: Config,
      createApp: (_, context) => createApp(gateway, context),
    })
  }
} catch (error) {
  reportFailure(error)
}
