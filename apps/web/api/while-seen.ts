/**
 * Runs what `begin` starts for as long as somebody looks. A hidden tab lets go of its streams: a browser has few connections
 * to one site, and many open pages would take them all.
 * @param begin returns what ends it
 * @returns what ends it for good
 */
export function whileSeen(begin: () => () => void): () => void {
  let stop = () => {}
  const again = () => {
    stop()
    stop = document.hidden ? () => {} : begin()
  }
  again()
  document.addEventListener('visibilitychange', again)
  // A browser that goes offline need not notice that its stream has ended.
  window.addEventListener('offline', again)
  window.addEventListener('online', again)
  return () => {
    stop()
    document.removeEventListener('visibilitychange', again)
    window.removeEventListener('offline', again)
    window.removeEventListener('online', again)
  }
}
