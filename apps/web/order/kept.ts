import { readAs, type Shape } from '../api/shape.ts'

/** Keeps values as JSON, by their names. None may ever hold a bare card number. */
interface Keeper {
  /** `undefined` forgets it. */
  keep: (name: string, value: unknown) => void
  /** What was kept, if it has this shape. */
  kept: <T>(name: string, schema: Shape<T>) => T | undefined
}

/** For this tab, over reloads. */
export const { keep, kept } = keeper(() => sessionStorage)

/** For this browser, for as long as it likes. */
export const inBrowser = keeper(() => localStorage)

function keeper(storage: () => Storage): Keeper {
  /** Stands in where the browser refuses storage: what is kept then lasts until the next reload. */
  const memory = new Map<string, string>()
  return {
    keep(name, value) {
      memory.delete(name)
      try {
        if (value === undefined) storage().removeItem(name)
        else storage().setItem(name, JSON.stringify(value))
      } catch {
        if (value !== undefined) memory.set(name, JSON.stringify(value))
      }
    },
    kept(name, schema) {
      try {
        return readAs(schema, JSON.parse(memory.get(name) ?? storage().getItem(name) ?? 'null'))
      } catch {
        return undefined
      }
    },
  }
}
