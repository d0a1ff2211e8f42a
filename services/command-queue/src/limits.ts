import { readAs, strict } from 'kafka-restaurants-config-file'
import { QueueId } from 'kafka-restaurants-contracts'
import { z } from 'zod'
import type { Limits } from './decide.ts'

const mostNumber = 2_147_483_647
const limit = (min = 0) => z.int().min(min).max(mostNumber)
const fields = {
  semaphoreLimit: limit().nullable(),
  queueLimit: limit().nullable(),
  leaseMs: limit(1).nullable(),
  dedupeMs: limit(1_000),
  dedupeLimit: limit().max(1_000_000),
}
const own = strict({
  semaphoreLimit: fields.semaphoreLimit.optional(),
  queueLimit: fields.queueLimit.optional(),
  leaseMs: fields.leaseMs.optional(),
  dedupeMs: fields.dedupeMs.optional(),
  dedupeLimit: fields.dedupeLimit.optional(),
})

/** The file of limits: what all resources may have, and what some of them may have instead. */
const LimitsFile = strict({
  semaphoreLimit: fields.semaphoreLimit.default(1),
  queueLimit: fields.queueLimit.default(5),
  leaseMs: fields.leaseMs.default(null),
  dedupeMs: fields.dedupeMs.default(600_000),
  dedupeLimit: fields.dedupeLimit.default(1_000),
  resources: z.record(QueueId, own).default({}),
})

/** The limits of each resource. */
export type AllLimits = (resourceId: string) => Limits

/**
 * Reads the limits from YAML.
 * @throws LimitsError with every fault by line
 */
export function readLimits(text: string): AllLimits {
  const { data, faults } = readAs(LimitsFile, text, { hint: 'it begins with such as "semaphoreLimit: 1"' })
  if (!data)
    throw new LimitsError(
      faults
        .map(({ line, path, message }) => `line ${line}: ${path ? `${path}: ` : ''}${message}`)
        .join('\n'),
    )
  const { resources, ...usual } = data
  const special = new Map(
    Object.entries(resources).map(([name, { ...given }]) => [name, { ...usual, ...given } as Limits]),
  )
  return resourceId => special.get(resourceId) ?? usual
}

class LimitsError extends Error {
  override name = 'LimitsError'
}

/** What applies where there is no file. */
export const usualLimits = readLimits('resources: {}')
