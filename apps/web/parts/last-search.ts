/** The search that this tab has made last, so that links lead back to it. */
const name = 'search'

export function rememberSearch(path: string): void {
  try {
    sessionStorage.setItem(name, path)
  } catch {
    // A browser that refuses storage begins anew each time.
  }
}

/** As a path of the site; undefined where there was none. */
export function lastSearch(): string | undefined {
  try {
    const path = sessionStorage.getItem(name)
    return path?.startsWith('/?') ? path : undefined
  } catch {
    return undefined
  }
}

/** The page before this one, where that was left without loading another. */
let before: string | undefined
let current: string | undefined

/** Told of each page that is shown. */
export function visit(path: string): void {
  if (path !== current) [before, current] = [current, path]
}

export const cameFromSearch = () => before === '/'
