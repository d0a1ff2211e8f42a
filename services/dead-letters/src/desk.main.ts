import { runService } from 'kafka-restaurants-service'
import { createApp } from './app.ts'
import { Config } from './config.ts'

await runService({ name: 'dead-letters', config: Config, createApp })
