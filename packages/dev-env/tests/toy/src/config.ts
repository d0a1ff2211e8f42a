import { serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

export const Config = z.object({ ...serviceEnv(5990), GREETING: z.string().min(3) })
