import type { z } from 'zod'

/** Stands in where the browser refuses storage: what is kept then lasts until the next reload. */
const memory = new Map<string, string>()

/** Keeps a value as JSON for this tab, over reloads; `undefined` forgets it. It must never hold a bare card number. */
export function keep(name: string, value: unknown): void {
  memory.delete(name)
  try {
    if (value === undefined) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, JSON.stringify(value))
  } catch {
    if (value !== undefined) memory.set(name, JSON.stringify(value))
  }
}

/** What was kept, if it has this shape. */
export function kept<T>(name: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(memory.get(name) ?? sessionStorage.getItem(name) ?? 'null')).data
  } catch {
    return undefined
  }
}
