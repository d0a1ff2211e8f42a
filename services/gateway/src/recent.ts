/** Remembers the newest of what it is told, half as many as given at least. */
export interface Recent<Value> {
  set: (name: string, value: Value) => void
  get: (name: string) => Value | undefined
  delete: (name: string) => void
  size: () => number
}

/** Two generations, of which the older goes as a whole: a Map from which the oldest is taken one by one gets slow. */
export function recent<Value>(most: number): Recent<Value> {
  let [young, old] = [new Map<string, Value>(), new Map<string, Value>()]
  return {
    set: (name, value) => {
      young.set(name, value)
      if (young.size >= most / 2) [young, old] = [new Map(), young]
    },
    get: name => young.get(name) ?? old.get(name),
    delete: name => {
      young.delete(name)
      old.delete(name)
    },
    size: () => young.size + old.size,
  }
}
