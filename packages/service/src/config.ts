import { z } from 'zod'
import { isRefusedByFetch } from './ports.ts'

const refusedPort = 'must be another port: browsers and fetch refuse to call this one'

/** A port to listen on; 0 takes any free one. */
export const portEnv = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535')
  .transform(Number)
  .refine(port => port <= 65_535, 'must be a port, 0 to 65535')

/** The same for what is called by HTTP: some ports are refused by browsers, and by `fetch`. */
export const httpPortEnv = portEnv.refine(port => !isRefusedByFetch(port), refusedPort)

/** An http:// or https:// URL that can be called. */
export const httpUrlEnv = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .refine(url => !(URL.canParse(url) && isRefusedByFetch(Number(new URL(url).port))), refusedPort)

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** The environment that every process reads. `PORT` is its HTTP port; 0 takes any free one. */
export const serviceEnv = (defaultPort: number) => ({
  PORT: httpPortEnv.default(defaultPort).describe('HTTP port'),
  HOST: z.string().default('0.0.0.0').describe('address to listen on'),
  METRICS_PORT: httpPortEnv.default(9464).describe('port of GET /metrics'),
  LOG_LEVEL: z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'),
})

/** Beside `serviceEnv`, of a service that may be killed by a call: for demonstrations. */
export const crashEnv = {
  CRASH_ALLOWED: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .transform(value => value === 'true')
    .describe('whether POST /crash, on the port of GET /metrics, kills this process: for demonstrations'),
}

/**
 * The web pages of other origins that may call us, joined by commas, each as browsers say it in `Origin`: any other
 * spelling would never be equal to that.
 */
export const allowedOrigins = z
  .string()
  .default('')
  .transform(list => (list === '' ? [] : list.split(',')))
  .refine(origins => origins.every(isOrigin), {
    error:
      'must be origins as browsers send them, such as https://a.example,http://localhost:3000: in lower case, without a path or / behind, blanks, or *',
  })

function isOrigin(value: string): boolean {
  const { protocol, origin } = URL.canParse(value) ? new URL(value) : {}
  return value === origin && (protocol === 'http:' || protocol === 'https:') && !value.includes('*')
}

/** What `runService` needs of a configuration; every service's own schema starts with `serviceEnv(port)`. */
export interface ServiceConfig {
  PORT: number
  HOST: string
  METRICS_PORT: number
  LOG_LEVEL: string
  CRASH_ALLOWED?: boolean
}

/** Thrown for an environment that can't be used. Its message names every fault, a line each. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  /** Each fault by itself. */
  readonly faults: string[]

  constructor(message: string, options?: ErrorOptions & { faults?: string[] }) {
    super(message, options)
    this.faults = options?.faults ?? [message]
  }
}

/**
 * Reads a configuration from environment variables. Empty variables count as absent.
 * @throws ConfigError that lists every fault with the variable's name; values are never repeated, as they may be secret
 */
export function readConfig<Config extends z.ZodType>(
  schema: Config,
  env: NodeJS.ProcessEnv,
): z.output<Config> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.map(issue => `${issue.path.join('.') || '(all)'}: ${issue.message}`)
  throw new ConfigError(`The environment can't be used:\n${faults.map(fault => `  ${fault}`).join('\n')}`, {
    faults,
  })
}
