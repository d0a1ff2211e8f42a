import { serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

/** What of the environment is not for the file to name. */
export const Config = z.object(serviceEnv(5004))
