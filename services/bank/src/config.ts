import { httpPortEnv, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({
  ...serviceEnv(5005),
  ADMIN_PORT: httpPortEnv.default(5015).describe('port of /mode and GET /charges'),
  ADMIN_HOST: z.string().default('127.0.0.1').describe('address of the admin port'),
  LEDGER_FILE: z.string().default('.data/bank/ledger.sqlite').describe('every charge, for ever'),
  KEYS_FILE: z.string().default('.data/bank/keys.json').describe('private keys by kid, current first'),
})
export type Config = z.infer<typeof Config>
