import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { root } from '../paths.ts'

/** What the chart mounts for eventor beside the kitchen, with how to log in to Kafka as the environment of the services says. */
export function kitchenPipelines(env: NodeJS.ProcessEnv): string {
  const pipelines = chartFile('kitchen-pipelines.yaml')
  const login = loginOf(env)
  for (const { eventListener, eventResultProcessor } of pipelines) {
    Object.assign(eventListener.consumerConfig, login)
    Object.assign(eventResultProcessor.producerConfig, login)
  }
  return stringify(pipelines)
}

/** The same of the gateway. */
export function gatewayRoutes(env: NodeJS.ProcessEnv): string {
  const gateway = chartFile('gateway.yaml')
  Object.assign(gateway.kafka, loginOf(env))
  return stringify(gateway)
}

const chartFile = (name: string) => parse(readFileSync(resolve(root, 'helm/files', name), 'utf8'))

/** librdkafka's names for it. Secrets stay in the environment. */
function loginOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const isTls = env.KAFKA_TLS === 'true'
  const { KAFKA_SASL, KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE } = env
  const kind = KAFKA_SASL ? (isTls ? 'sasl_ssl' : 'sasl_plaintext') : isTls ? 'ssl' : undefined
  return {
    ...(kind && { 'security.protocol': kind }),
    ...(KAFKA_SASL && {
      'sasl.mechanism': KAFKA_SASL,
      'sasl.username': named('KAFKA_USERNAME'),
      'sasl.password': named('KAFKA_PASSWORD'),
    }),
    ...(isTls && KAFKA_CA_FILE && { 'ssl.ca.location': named('KAFKA_CA_FILE') }),
    ...(isTls && KAFKA_CERT_FILE && { 'ssl.certificate.location': named('KAFKA_CERT_FILE') }),
    ...(isTls && KAFKA_KEY_FILE && { 'ssl.key.location': named('KAFKA_KEY_FILE') }),
  }
}

/** As a file of eventor names what the environment has. */
const named = (variable: string) => `\${${variable}}`
